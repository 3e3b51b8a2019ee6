import Logging
import NIOPosix
import Notifications
import SessionCore
import SessionGateway
import TestSupport
import Testing

/// How far a receiver has got, whatever it wants to hear of.
@Suite struct ProgressTests {
    /// A gateway on a private Redis.
    private static func withGateway(
        _ test: @escaping @Sendable (SessionGateway, RedisServer) async throws -> Void
    ) async throws {
        let redis = try RedisServer()
        defer { redis.stop() }
        let key = try TokenKeyRing.Key(id: 1, secret: Array(Fixtures.secret.utf8))
        var configuration = GatewayConfiguration(
            redisURL: "unix://\(redis.socketPath)",
            tokenKeys: TokenKeyRing(signing: key)
        )
        // Ample: what is tested here does not depend on how soon an outage is noticed.
        configuration.commandTimeout = .seconds(2)
        configuration.policy.maximumSessions = 0
        let gateway = try SessionGateway(configuration: configuration, logger: Self.logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await gateway.run() }
            tasks.addTask {
                try await gateway.waitUntilReady()
                try await test(gateway, redis)
            }
            // Either the test is over, or the gateway has ended early.
            defer { tasks.cancelAll() }
            try await tasks.next()
        }
    }

    private static var logger: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    /// Runs `body` while webhooks are delivered and, if wanted, something happens all the time that is for nobody.
    private static func delivering(
        _ receiver: WebhookReceiver,
        _ gateway: SessionGateway,
        isBusy: Bool,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let service = WebhookService(
            WebhookConfiguration(receivers: [receiver]),
            gateway: gateway,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Self.logger
        )
        try await withThrowingTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                try await service.run()
                return false
            }
            if isBusy {
                tasks.addTask {
                    let user = try UserID("busy")
                    while !Task.isCancelled {
                        _ = try await gateway.create(NewSession(user: user))
                        do { try await Task.sleep(for: .milliseconds(100)) } catch { break }
                    }
                    return false
                }
            }
            tasks.addTask {
                try await body()
                return true
            }
            defer { tasks.cancelAll() }
            while let isOver = try await tasks.next(), !isOver {}
        }
    }

    private static func position(_ gateway: SessionGateway) async throws -> AuditPosition? {
        try await gateway.webhooks()["shop"]?.position
    }

    /// What is not for a receiver is noted as behind it, also where something always happens: otherwise it would be told
    /// of a gap when the log lets go of that, and each node that goes on would read it all again.
    @Test func whatIsForOthersIsBehindAReceiver() async throws {
        let sink = try await WebhookSink.start()
        let receiver = try Fixtures.receiver(
            url: "http://127.0.0.1:\(sink.port)/",
            kinds: ["everyone-revoked"]
        )
        try await Self.withGateway { gateway, redis in
            try await Self.delivering(receiver, gateway, isBusy: true) {
                let hasBegun = try await becomesTrue(within: .seconds(60)) {
                    try await Self.position(gateway) != nil
                }
                let begin = try #require(hasBegun ? try await Self.position(gateway) : nil)
                let moves = try await becomesTrue(within: .seconds(60)) {
                    try await Self.position(gateway) ?? .start > begin
                }
                #expect(moves)
            }
            let noted = try #require(try await Self.position(gateway))
            // The log lets go of what is behind the receiver.
            try RedisProbe(redis).run("XTRIM", "pc:{g}:log", "MINID", "\(noted)")
            try await Self.delivering(receiver, gateway, isBusy: false) {
                _ = try await gateway.endEveryone(Ending(.revoked, by: "root"))
                #expect(await becomesTrue(within: .seconds(60)) { !sink.accepted.isEmpty })
            }
            #expect(sink.requests.allSatisfy { $0.text.contains(#""kind":"everyone-revoked""#) })
            #expect(sink.requests.count == 1)
        }
        await sink.close()
    }
}
