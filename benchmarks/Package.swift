// swift-tools-version:6.1
import PackageDescription

// What is measured here is `package`-visible only. SwiftPM names a package that is reached by path after its
// folder, and access is by that name, so the benchmarks are compiled under it.
let measuredPackage = Context.packageDirectory.split(separator: "/").dropLast().last?.lowercased() ?? ""

let package = Package(
    name: "portcullis-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "portcullis", path: ".."),
        .package(url: "https://github.com/ordo-one/benchmark.git", from: "1.38.1", traits: []),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
    ],
    targets: [
        .executableTarget(
            name: "InProcess",
            dependencies: [
                .product(name: "SessionGateway", package: "portcullis"),
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Benchmarks/InProcess",
            packageAccess: false,
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .unsafeFlags(["-package-name", measuredPackage]),
            ],
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        )
    ]
)
