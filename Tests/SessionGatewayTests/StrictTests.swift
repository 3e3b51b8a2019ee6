import SessionCore
import SessionGateway
import TestSupport
import Testing

/// A strict node asks Redis at every check. It remembers what the bytes it got last time meant, and nothing else.
@Suite struct StrictTests {
    private static func roles(_ result: CheckResult) -> [String]? {
        if case .active(let cached) = result.kind { cached.session.roles } else { nil }
    }

    @Test func whatChangesOrEndsIsSeenByTheNextCheck() async throws {
        try await GatewayCluster.run(1, configure: { $0.isStrict = true }) { cluster in
            let node = cluster.nodes[0]
            let created = try await cluster.session()
            for _ in 0..<3 { #expect(Self.roles(await node.check(created.token.text)) == []) }
            var change = SessionChange()
            change.roles = ["editor"]
            _ = try await node.update(created.session.id, change)
            for _ in 0..<3 { #expect(Self.roles(await node.check(created.token.text)) == ["editor"]) }
            #expect(node.nodeStatistics.hits == 0)

            let successor = try await node.rotate(created.token.text).token
            for _ in 0..<2 {
                #expect(Verdict(await node.check(successor.text)) == .active("alice"))
                #expect(Verdict(await node.check(created.token.text)) == .active("alice"), "within the grace")
            }
            _ = try await node.end(created.session.id, Ending(.revoked))
            #expect(Verdict(await node.check(successor.text)) == .refused(.ended))
        }
    }

    /// The record goes without any message: only Redis knows.
    @Test func whatIsRememberedIsNoAnswer() async throws {
        try await GatewayCluster.run(1, configure: { $0.isStrict = true }) { cluster in
            let node = cluster.nodes[0]
            let created = try await cluster.session()
            for _ in 0..<3 { #expect(Verdict(await node.check(created.token.text)) == .active("alice")) }
            let probe = try RedisProbe(cluster.redis)
            let key = "pc:{\(created.session.id.partition.index)}:s:\(created.session.id.key)"
            try probe.run("DEL", key)
            #expect(Verdict(await node.check(created.token.text)) == .refused(.ended))
        }
    }

    @Test func anOutageIsNotBridgedByWhatIsRemembered() async throws {
        try await GatewayCluster.run(
            1,
            configure: {
                $0.isStrict = true
                $0.outageGrace = .seconds(60)
            }
        ) { cluster in
            let node = cluster.nodes[0]
            let created = try await cluster.session()
            for _ in 0..<2 { #expect(Verdict(await node.check(created.token.text)) == .active("alice")) }
            cluster.redis.stop()
            try await eventually("503") { Verdict(await node.check(created.token.text)) == .unavailable }
        }
    }
}
