import APIValidation
import HTTPFront
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceKeys
import ServiceLifecycle
import SessionAuthentication
import SessionCore
import SessionGateway
import TestSupport
import Testing

/// Two fronts on one gateway and one private Redis: one with the hot path, one where every request takes the
/// route.
struct FrontFixture: Sendable {
    static let cookie = "session_token"

    let redis: RedisServer
    let gateway: SessionGateway
    let tokenKeys: TokenKeyRing
    /// A service key with the scopes check and create.
    let appKey: String
    /// A service key with the scope check.
    let checkKey: String
    /// A service key with the scope admin.
    let adminKey: String
    /// A service key with the scope admin that is bound to the organization `acme`.
    let organizationKey: String
    /// A service key for each scope, with that scope alone.
    let scopeKeys: [ServiceScope: String]
    let hotPort: Int
    let slowPort: Int

    /// A new session's token.
    func token(
        _ user: String = "alice",
        roles: [String] = [],
        organization: String? = nil,
        keepWarm: Bool = true
    ) async throws -> String {
        var new = NewSession(user: try UserID(user))
        new.roles = roles
        new.organization = organization
        let text = try await self.gateway.create(new).token.text
        if keepWarm { _ = await self.gateway.check(text) }
        return text
    }

    /// Sends one request to the hot front, or the slow one, and takes its answer, which has to be as the OpenAPI
    /// document says.
    func call(
        _ method: String,
        _ path: String,
        headers: [(String, String)] = [],
        json: String? = nil,
        body: String? = nil,
        isHot: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> RawResponse {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: gate.example\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if json != nil { text += "Content-Type: application/json\r\n" }
        if let content = json ?? body { text += "Content-Length: \(content.utf8.count)\r\n" }
        text += "\r\n" + (json ?? body ?? "")
        let bytes = try await exchange(port: isHot ? self.hotPort : self.slowPort, [Array(text.utf8)])
        let responses = RawResponse.parse(bytes)
        guard let first = responses.first else { throw NoAnswer(sent: text) }
        DocumentValidator.ours.expect(method, path, first, sourceLocation: sourceLocation)
        return first
    }

    struct NoAnswer: Error {
        let sent: String
    }

    func service(_ key: String) -> [(String, String)] { [("Authorization", "Bearer \(key)")] }
    func session(_ token: String) -> [(String, String)] { [("Cookie", "\(Self.cookie)=\(token)")] }
}

/// Runs another node beside those of a fixture.
func withGateway(
    _ configuration: GatewayConfiguration,
    _ test: @escaping @Sendable (SessionGateway) async throws -> Void
) async throws {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let gateway = try SessionGateway(configuration: configuration, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await gateway.run() }
        tasks.addTask {
            try await gateway.waitUntilReady()
            try await test(gateway)
        }
        // Either the test is over, or the gateway has ended early.
        defer { tasks.cancelAll() }
        try await tasks.next()
    }
}

/// Runs a test with a fixture, and ends everything it started.
func withFront(
    redisOptions: RedisServer.Options = RedisServer.Options(),
    adjustGateway: (inout GatewayConfiguration) -> Void = { _ in },
    adjustFront: (inout FrontConfiguration) -> Void = { _ in },
    _ test: @escaping @Sendable (FrontFixture) async throws -> Void
) async throws {
    let redis = try RedisServer(redisOptions)
    defer { redis.stop() }
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let tokenKeys = TokenKeyRing(
        signing: try TokenKeyRing.Key(id: 1, secret: [UInt8](repeating: 9, count: 32))
    )
    var configuration = GatewayConfiguration(redisURL: "unix://" + redis.socketPath, tokenKeys: tokenKeys)
    // Ample: what is tested here does not depend on how soon an outage is noticed.
    configuration.commandTimeout = .seconds(2)
    adjustGateway(&configuration)
    var front = FrontConfiguration()
    front.address = .host("127.0.0.1", port: 0)
    front.cookie = SessionCookie(isSecure: false)
    adjustFront(&front)
    var slow = front
    slow.isHotPathOn = false
    let gateway = try SessionGateway(
        configuration: configuration,
        eventLoopGroup: group,
        logger: logger,
        render: answerRenderer(for: front)
    )
    let generated = [
        ServiceKeyRing.generate(name: "app", scopes: [.check, .create]),
        ServiceKeyRing.generate(name: "checker", scopes: [.check]),
        ServiceKeyRing.generate(name: "boss", scopes: [.admin]),
        ServiceKeyRing.generate(name: "acme-it", scopes: [.admin], organization: "acme"),
    ].compactMap { $0 }
    let single = ServiceScope.allCases.compactMap { scope in
        ServiceKeyRing.generate(name: "only-\(scope)", scopes: [scope]).map { (scope, $0) }
    }
    let ring = try ServiceKeyRing(lines: (generated + single.map(\.1)).map(\.line))
    let (ports, announce) = AsyncStream<(Bool, Int)>.makeStream()
    let applications = try [front, slow].map { configuration in
        try buildApplication(
            configuration: configuration,
            gateway: gateway,
            serviceKeys: ring,
            eventLoopGroup: group,
            logger: logger,
            onServerRunning: { channel in
                announce.yield((configuration.isHotPathOn, channel.localAddress?.port ?? 0))
            }
        )
    }
    let services: [any Service] = [gateway] + applications.map { $0 as any Service }
    let running = ServiceGroup(
        configuration: .init(
            services: services.map {
                .init(
                    service: $0,
                    // A graceful shutdown of Hummingbird's goes on in a task of its own, which may come too late for
                    // the event loops that this function takes down.
                    successTerminationBehavior: .cancelGroup,
                    failureTerminationBehavior: .cancelGroup
                )
            },
            logger: logger
        )
    )
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await running.run() }
        tasks.addTask {
            try await gateway.waitUntilReady()
            var found: [Bool: Int] = [:]
            for await (isHot, port) in ports {
                found[isHot] = port
                if found.count == 2 { break }
            }
            try await test(
                FrontFixture(
                    redis: redis,
                    gateway: gateway,
                    tokenKeys: tokenKeys,
                    appKey: generated[0].key,
                    checkKey: generated[1].key,
                    adminKey: generated[2].key,
                    organizationKey: generated[3].key,
                    scopeKeys: Dictionary(uniqueKeysWithValues: single.map { ($0.0, $0.1.key) }),
                    hotPort: found[true] ?? 0,
                    slowPort: found[false] ?? 0
                )
            )
        }
        // Either the test is over, or something it needs has ended early.
        defer { tasks.cancelAll() }
        try await tasks.next()
    }
    try await group.shutdownGracefully()
}
