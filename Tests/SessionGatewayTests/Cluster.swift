import Logging
import NIOPosix
import SessionCore
import SessionGateway
import TestSupport

/// Gateway nodes in this process on a private Redis.
struct GatewayCluster: Sendable {
    let redis: RedisServer
    let nodes: [SessionGateway]

    static func keys() throws -> TokenKeyRing {
        TokenKeyRing(signing: try .init(id: 1, secret: Array("0123456789abcdef0123456789abcdef".utf8)))
    }

    /// Runs `body` with `count` ready nodes, and stops them whatever happens.
    static func run<Result: Sendable>(
        _ count: Int = 3,
        options: RedisServer.Options = RedisServer.Options(),
        configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: @Sendable (GatewayCluster) async throws -> Result
    ) async throws -> Result {
        let redis = try RedisServer(options)
        var configuration = GatewayConfiguration(
            redisURL: "unix://\(redis.socketPath)",
            tokenKeys: try Self.keys()
        )
        // Ample: what is tested here does not depend on how soon an outage is noticed.
        configuration.commandTimeout = .seconds(2)
        configure(&configuration)
        let settled = configuration
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let nodes = try (0..<count).map { index in
            var own = settled
            own.nodeName = "node-\(index)"
            return try SessionGateway(configuration: own, logger: logger)
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for node in nodes { group.addTask { try await node.run() } }
            for node in nodes { try await node.waitUntilReady() }
            let cluster = GatewayCluster(redis: redis, nodes: nodes)
            do {
                let result = try await body(cluster)
                group.cancelAll()
                try await group.waitForAll()
                return result
            } catch {
                group.cancelAll()
                try? await group.waitForAll()
                throw error
            }
        }
    }

    /// Waits until every node may answer from its near-cache.
    func leased() async throws {
        for node in self.nodes {
            try await eventually("a lease") { node.nodeStatistics.leaseRemaining > .zero }
        }
    }

    func session(of user: String = "alice", on node: Int = 0) async throws -> CreatedSession {
        try await self.nodes[node].create(NewSession(user: try UserID(user)))
    }

    /// What every node says of a token.
    func verdicts(_ token: Token) async -> [Verdict] {
        var verdicts: [Verdict] = []
        for node in self.nodes { verdicts.append(Verdict(await node.check(token.text))) }
        return verdicts
    }
}

/// A check's result in a form that compares.
enum Verdict: Equatable, Sendable {
    case active(String)
    case refused(Refusal)
    case unavailable

    init(_ result: CheckResult) {
        switch result.kind {
        case .active(let cached): self = .active(cached.session.user.text)
        case .refused(let refusal): self = .refused(refusal)
        case .unavailable: self = .unavailable
        }
    }
}

struct NeverHappened: Error, CustomStringConvertible {
    let description: String
}

/// Waits for a condition; gives up, with an error, after a time that no healthy run comes near.
func eventually(
    _ what: String,
    within limit: Duration = .seconds(60),
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while !(try await condition()) {
        guard ContinuousClock.now < deadline else { throw NeverHappened(description: "never: \(what)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
