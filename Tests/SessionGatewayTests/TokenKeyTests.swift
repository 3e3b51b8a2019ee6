import Logging
import SessionCore
import SessionGateway
import TestSupport
import Testing

/// Changing the token secret (docs/features.md S9, docs/operations.md), as nodes see it that share a Redis.
@Suite struct TokenKeyTests {
    private static func ring(_ ids: UInt8...) throws -> TokenKeyRing {
        let keys = try ids.map { try TokenKeyRing.Key(id: $0, secret: [UInt8](repeating: $0, count: 32)) }
        return TokenKeyRing(signing: try #require(keys.first), accepted: Array(keys.dropFirst()))
    }

    @Test func withGraceNobodyIsLoggedOutAndWithoutEverybodyIs() async throws {
        try await GatewayCluster.run(1, configure: { $0.tokenKeys = (try? Self.ring(1)) ?? $0.tokenKeys }) {
            cluster in
            let old = try await cluster.session()
            // The steps of the runbook, one node each: the new one accepted, the new one signing, the old one gone.
            let accepting = try await Self.node(cluster, Self.ring(1, 2))
            let signing = try await Self.node(cluster, Self.ring(2, 1))
            let alone = try await Self.node(cluster, Self.ring(2))
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                for node in [accepting, signing, alone] {
                    group.addTask { try await node.run() }
                    try await node.waitUntilReady()
                }
                func verdicts(_ token: Token) async -> [Verdict] {
                    var verdicts: [Verdict] = []
                    for node in [accepting, signing, alone] {
                        verdicts.append(Verdict(await node.check(token.text)))
                    }
                    return verdicts
                }
                #expect(await verdicts(old.token) == [.active("alice"), .active("alice"), .refused(.forged)])
                // A rotation signs anew, so a token in use gets over the change by itself.
                let next = try await signing.rotate(old.token.text)
                #expect(next.token.keyID == 2)
                #expect(await verdicts(next.token) == Array(repeating: .active("alice"), count: 3))
                let new = try await signing.create(NewSession(user: try UserID("bob")))
                #expect(await verdicts(new.token) == Array(repeating: .active("bob"), count: 3))
                // And the hard change ended nothing by accident: the session is there for whoever has the key.
                #expect(Verdict(await cluster.nodes[0].check(old.token.text)) == .active("alice"))
                #expect(Verdict(await cluster.nodes[0].check(new.token.text)) == .refused(.forged))
            }
        }
    }

    private static func node(_ cluster: GatewayCluster, _ keys: TokenKeyRing) async throws -> SessionGateway {
        let configuration = GatewayConfiguration(
            redisURL: "unix://\(cluster.redis.socketPath)",
            tokenKeys: keys
        )
        var logger = Logger(label: "test")
        logger.logLevel = .error
        return try SessionGateway(configuration: configuration, logger: logger)
    }
}
