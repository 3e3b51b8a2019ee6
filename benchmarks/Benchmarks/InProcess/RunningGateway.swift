import Logging
import SessionCore
import SessionGateway

/// A gateway node on a private Redis with sessions in its near-cache.
struct RunningGateway: Fixture {
    let gateway: SessionGateway
    /// The tokens of the cached sessions, 64 characters each, one behind the other: an array for each would be retained
    /// at every check, and processors would wait for each other's count.
    let tokens: [UInt8]
    private let run: Task<Void, any Error>
    private let server: RedisServer

    struct NotCached: Error {}

    static func start() async throws -> RunningGateway {
        let server = try RedisServer()
        let key = try TokenKeyRing.Key(id: 1, secret: [UInt8](repeating: 7, count: 32))
        var configuration = GatewayConfiguration(redisURL: server.url, tokenKeys: TokenKeyRing(signing: key))
        // The benchmark takes every processor; the node's heartbeats may be late then.
        configuration.lease = Lease.Configuration(length: .seconds(30))
        let gateway = try SessionGateway(
            configuration: configuration,
            logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        )
        let run = Task { try await gateway.run() }
        try await gateway.waitUntilReady()
        var tokens: [UInt8] = []
        for number in 0..<Sample.count {
            var new = NewSession(user: try UserID("user-\(number)"))
            new.organization = "org-1"
            new.roles = ["member", "editor"]
            let token = try await gateway.create(new).token.text
            guard case .active = await gateway.check(token) else { throw NotCached() }
            tokens += token.utf8
        }
        return RunningGateway(gateway: gateway, tokens: tokens, run: run, server: server)
    }

    /// Checks `count` tokens in rotation; `false` when one is not answered from the near-cache.
    func check(_ count: Int, from first: Int = 0) -> Bool {
        self.tokens.withUnsafeBufferPointer { tokens in
            var position = first % Sample.count
            for _ in 0..<count {
                position = position + 1 < Sample.count ? position + 1 : 0
                let text = UnsafeBufferPointer(rebasing: tokens[(position * 64)..<(position * 64 + 64)])
                guard case .answered(.active) = self.gateway.checkCached(text) else { return false }
            }
            return true
        }
    }

    func stop() async {
        self.run.cancel()
        _ = await self.run.result
        self.server.stop()
    }
}
