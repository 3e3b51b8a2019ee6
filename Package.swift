// swift-tools-version:6.1
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioConcurrency = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "portcullis",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "SessionGateway", targets: ["SessionGateway"]),
        .library(name: "SessionAuthentication", targets: ["SessionAuthentication"]),
        .library(name: "SessionCore", targets: ["SessionCore"]),
        .executable(name: "portcullis", targets: ["portcullis"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.0"),
        .package(url: "https://github.com/vapor/jwt-kit.git", from: "5.7.1"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
    ],
    targets: [
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .target(
            name: "RedisClient",
            dependencies: ["CHiredis", nioCore, nioPosix, nioSSL, crypto, logging, deque],
            swiftSettings: settings,
            linkerSettings: [.linkedLibrary(":libhiredis.a", .when(platforms: [.linux]))]
        ),
        .target(name: "SessionCore", dependencies: [crypto, deque], swiftSettings: settings),
        .target(
            name: "SessionStore",
            dependencies: ["RedisClient", "SessionCore", nioCore, logging],
            resources: [.embedInCode("Lua")],
            swiftSettings: settings
        ),
        .target(
            name: "SessionGateway",
            dependencies: [
                "SessionStore", "SessionCore", "RedisClient", nioCore, nioPosix, logging, lifecycle,
            ],
            swiftSettings: settings
        ),
        .target(name: "GatewayAPI", dependencies: ["SessionCore"], swiftSettings: settings),
        .target(name: "ServiceKeys", dependencies: ["SessionCore", crypto], swiftSettings: settings),
        .target(
            name: "SessionAuthentication",
            dependencies: ["SessionGateway", "SessionCore", hummingbird, httpTypes, nioCore],
            swiftSettings: settings
        ),
        .target(name: "SessionJWT", dependencies: ["SessionCore", jwtKit], swiftSettings: settings),
        .target(
            name: "HTTPFront",
            dependencies: [
                "SessionGateway", "SessionCore", "SessionAuthentication", "SessionJWT", "ServiceKeys",
                "GatewayAPI", nioCore,
                nioConcurrency, nioSSL, nioHTTP1, nioHTTPTypesHTTP1, httpTypes, logging, metrics,
                coreMetrics, lifecycle, hummingbird, hummingbirdCore, hummingbirdTLS,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Notifications",
            dependencies: [
                "SessionGateway", "SessionCore", "GatewayAPI", asyncHTTPClient, jwtKit, crypto, nioCore,
                nioHTTP1,
                nioSSL, nioPosix, logging, coreMetrics, lifecycle,
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "portcullis",
            dependencies: [
                "SessionGateway", "SessionCore", "SessionAuthentication", "SessionJWT", "HTTPFront",
                "ServiceKeys", "Notifications", "GatewayAPI",
                argumentParser, yams, hummingbird, logging, lifecycle, unixSignals, nioCore, nioPosix,
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "EmbeddedExample",
            dependencies: ["SessionGateway", "SessionAuthentication", "SessionCore", hummingbird, logging],
            path: "Examples/Embedded",
            swiftSettings: settings
        ),
        .target(
            name: "TestSupport",
            dependencies: [nioCore, nioPosix, nioHTTP1],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RedisClientTests",
            dependencies: ["RedisClient", "TestSupport", nioCore, nioPosix, nioEmbedded, nioSSL, logging],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SessionCoreTests",
            dependencies: ["SessionCore", "TestSupport", crypto],
            swiftSettings: settings
        ),
        .target(
            name: "CoherenceSimulation",
            dependencies: ["SessionCore"],
            path: "Tests/CoherenceSimulation",
            swiftSettings: settings
        ),
        .testTarget(
            name: "CoherenceSimulationTests",
            dependencies: ["CoherenceSimulation"],
            swiftSettings: settings
        ),
        .target(
            name: "StoreTestSupport",
            dependencies: [
                "RedisClient", "SessionCore", "SessionStore", "TestSupport", nioPosix, logging,
            ],
            path: "Tests/StoreTestSupport",
            swiftSettings: settings
        ),
        .testTarget(
            name: "SessionStoreTests",
            dependencies: [
                "RedisClient", "SessionCore", "SessionStore", "StoreTestSupport", "TestSupport", crypto,
                nioCore,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "APIValidation",
            dependencies: ["HTTPFront", "GatewayAPI", "TestSupport"],
            path: "Tests/APIValidation",
            swiftSettings: settings
        ),
        .testTarget(
            name: "HTTPFrontTests",
            dependencies: [
                "HTTPFront", "SessionGateway", "SessionCore", "SessionAuthentication", "SessionJWT",
                "ServiceKeys", "GatewayAPI", "APIValidation",
                "TestSupport", coreMetrics, nioCore, nioPosix, nioEmbedded, logging, hummingbird, httpTypes,
                lifecycle,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SessionGatewayTests",
            dependencies: ["SessionGateway", "SessionCore", "TestSupport", logging, nioPosix],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NotificationsTests",
            dependencies: [
                "Notifications", "SessionGateway", "SessionCore", "TestSupport", logging, nioPosix,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PortcullisTests",
            dependencies: [
                "portcullis", "HTTPFront", "SessionCore", "SessionGateway", "SessionJWT", "Notifications",
                logging, argumentParser,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["portcullis", "EmbeddedExample", "APIValidation", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EdgeTests",
            dependencies: ["portcullis", "APIValidation", "TestSupport", nioCore, nioPosix, nioHTTP1],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FaultTests",
            dependencies: ["portcullis", "SessionCore", "APIValidation", "TestSupport", crypto],
            swiftSettings: settings
        ),
    ]
)
