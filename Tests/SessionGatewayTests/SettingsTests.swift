import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct SettingsTests {
    private static func overrides(
        _ values: [PolicySetting: PolicySetting.Value]
    ) throws -> PolicyOverrides {
        var overrides = PolicyOverrides()
        for (setting, value) in values { try overrides.set(setting, value) }
        return overrides
    }

    @Test func aChangeCountsOnEveryNodeWhenItReturns() async throws {
        try await GatewayCluster.run(3) { cluster in
            try await cluster.leased()
            for round in 1...20 {
                let seconds = 600 + round
                let (settings, receipt) = try await cluster.nodes[round % 3].setSettings(
                    try Self.overrides([.idleTimeout: .integer(seconds)]),
                    expecting: round - 1,
                    by: "root"
                )
                #expect(settings.version == round && settings.policy.idleTimeout == .seconds(seconds))
                #expect(receipt.ended == 0 && receipt.applied + receipt.lapsed == receipt.nodes)
                for node in cluster.nodes.indices {
                    let created = try await cluster.session(of: "u\(round)-\(node)", on: node)
                    #expect(created.session.idleTimeout == .seconds(seconds))
                }
            }
            let settings = try await cluster.nodes[0].settings()
            #expect(settings.version == 20 && settings.changedBy == "root")
        }
    }

    @Test func limitsAndGraceChangeAtRunTime() async throws {
        try await GatewayCluster.run(2) { cluster in
            try await cluster.leased()
            let first = try await cluster.session(on: 1)
            _ = try await cluster.nodes[0].setSettings(
                try Self.overrides([
                    .maxSessions: .integer(1), .limitBehaviour: .text("deny"), .rotationGrace: .integer(0),
                ]),
                expecting: 0,
                by: nil
            )
            await #expect(throws: GatewayError.self) { _ = try await cluster.session(on: 1) }
            let rotated = try await cluster.nodes[1].rotate(first.token.text)
            // Without a grace the old token counts as stolen from the next millisecond on.
            try await eventually("the old token counts as stolen") {
                do {
                    _ = try await cluster.nodes[1].rotate(first.token.text)
                    return false
                } catch let error as GatewayError where error.refusal == .reused {
                    return true
                }
            }
            #expect(await cluster.verdicts(rotated.token) == Array(repeating: .refused(.ended), count: 2))
            _ = try await cluster.nodes[1].setSettings(PolicyOverrides(), expecting: 1, by: nil)
            _ = try await cluster.session(on: 0)
            _ = try await cluster.session(on: 0)
        }
    }

    @Test func aStaleVersionAndAWrongValueChangeNothing() async throws {
        try await GatewayCluster.run(2) { cluster in
            let overrides = try Self.overrides([.idleTimeout: .integer(600)])
            _ = try await cluster.nodes[0].setSettings(overrides, expecting: 0, by: nil)
            await #expect {
                _ = try await cluster.nodes[1].setSettings(PolicyOverrides(), expecting: 0, by: nil)
            } throws: {
                if case .conflict(present: 1)? = ($0 as? GatewayError)?.kind { true } else { false }
            }
            await #expect {
                _ = try await cluster.nodes[1].setSettings(
                    try Self.overrides([.idleTimeout: .integer(7200), .absoluteTimeout: .integer(3600)]),
                    expecting: 1,
                    by: nil
                )
            } throws: {
                if case .invalid(let error)? = ($0 as? GatewayError)?.kind {
                    error.field == "idleTimeout"
                } else {
                    false
                }
            }
            #expect(try await cluster.nodes[1].settings().overrides == overrides)
        }
    }

    /// A node whose subscription was cut hears nothing; it has no lease then, and asks.
    @Test func aNodeThatWasCutOffHearsOfItAfterwards() async throws {
        try await GatewayCluster.run(2) { cluster in
            try await cluster.leased()
            _ = try await cluster.session(on: 1)
            let probe = try RedisProbe(cluster.redis)
            for version in 0..<10 {
                _ = try probe.run("CLIENT", "KILL", "TYPE", "pubsub")
                _ = try await cluster.nodes[0].setSettings(
                    try Self.overrides([.idleTimeout: .integer(700 + version)]),
                    expecting: version,
                    by: nil
                )
                let created = try await cluster.session(of: "u\(version)", on: 1)
                #expect(created.session.idleTimeout == .seconds(700 + version))
            }
        }
    }

    @Test(arguments: SessionPreset.allCases)
    func aPresetsTimeoutsCount(preset: SessionPreset) async throws {
        try await GatewayCluster.run(1) { cluster in
            for remember in [false, true] {
                var new = NewSession(user: try UserID("alice"))
                new.preset = preset
                new.remember = remember
                let session = try await cluster.nodes[0].create(new).session
                let expected = preset.applied(to: SessionPolicy()).timeouts(remember: remember)
                #expect(session.idleTimeout == expected.idle)
                let lifetime = session.absoluteDeadline - session.createdAt
                #expect(lifetime <= expected.absolute && lifetime > expected.absolute - .seconds(10))
            }
        }
    }
}
