import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct LimitOverrideTests {
    private static func overrides(
        _ adjust: (inout LimitOverrides) throws -> Void
    ) throws -> PolicyOverrides {
        var overrides = PolicyOverrides()
        try adjust(&overrides.limits)
        return overrides
    }

    private static func login(
        _ node: SessionGateway,
        _ user: String,
        of organization: String? = nil
    ) async throws -> CreatedSession {
        var new = NewSession(user: try UserID(user))
        new.organization = organization
        return try await node.create(new)
    }

    @Test func aLimitCountsOnEveryNodeWhenTheCallReturns() async throws {
        try await GatewayCluster.run(3, configure: { $0.policy.maximumSessions = 2 }) { cluster in
            try await cluster.leased()
            for round in 0..<15 {
                let user = "user-\(round)"
                let most = round % 3 + 1
                _ = try await cluster.nodes[round % 3].setSettings(
                    try Self.overrides {
                        try $0.set(.maxSessions, .integer(most), for: user, in: .users)
                        try $0.set(.limitBehaviour, .text("deny"), for: user, in: .users)
                    },
                    expecting: round,
                    by: nil
                )
                for number in 0..<most {
                    _ = try await Self.login(cluster.nodes[(round + number) % 3], user)
                }
                for node in cluster.nodes {
                    await #expect {
                        _ = try await Self.login(node, user)
                    } throws: {
                        if case .limitReached(most)? = ($0 as? GatewayError)?.kind { true } else { false }
                    }
                }
            }
        }
    }

    @Test func usersGoBeforeOrganizationsAndNoneIsExempt() async throws {
        try await GatewayCluster.run(2, configure: { $0.policy.maximumSessions = 2 }) { cluster in
            try await cluster.leased()
            _ = try await cluster.nodes[0].setSettings(
                try Self.overrides {
                    try $0.set(.maxSessions, .integer(0), for: "svc-ci", in: .users)
                    try $0.set(.maxSessions, .integer(3), for: "acme", in: .organizations)
                    try $0.set(.limitBehaviour, .text("deny"), for: "acme", in: .organizations)
                },
                expecting: 0,
                by: "root"
            )
            func sessions(_ user: String) async throws -> Int {
                try await cluster.nodes[1].sessions(of: try UserID(user)).count
            }
            for _ in 0..<6 { _ = try await Self.login(cluster.nodes[1], "anybody") }
            #expect(try await sessions("anybody") == 2)
            for _ in 0..<25 { _ = try await Self.login(cluster.nodes[1], "svc-ci", of: "acme") }
            #expect(try await sessions("svc-ci") == 25)
            for _ in 0..<3 { _ = try await Self.login(cluster.nodes[1], "kim", of: "acme") }
            await #expect(throws: GatewayError.self) {
                _ = try await Self.login(cluster.nodes[1], "kim", of: "acme")
            }
            #expect(try await sessions("kim") == 3)
            // The limit is that of the login's organization, over all sessions of the user.
            let elsewhere = try await Self.login(cluster.nodes[1], "kim", of: "other")
            #expect(elsewhere.evicted.count == 2)
            #expect(try await cluster.nodes[1].settings().overrides.limits.entries(.users).count == 1)
            // Taken back, everybody is alike.
            _ = try await cluster.nodes[1].setSettings(PolicyOverrides(), expecting: 1, by: "root")
            _ = try await Self.login(cluster.nodes[0], "svc-ci")
            #expect(try await sessions("svc-ci") == 2)
        }
    }

    @Test(arguments: SessionPolicy.LimitBehaviour.allCases)
    func racingLoginsKeepTheLimitOfTheUser(behavior: SessionPolicy.LimitBehaviour) async throws {
        try await GatewayCluster.run(3, configure: { $0.policy.maximumSessions = 0 }) { cluster in
            try await cluster.leased()
            _ = try await cluster.nodes[2].setSettings(
                try Self.overrides {
                    for user in 0..<4 {
                        try $0.set(.maxSessions, .integer(user + 1), for: "racer-\(user)", in: .users)
                        let text = PolicySetting.Value.text(behavior.rawValue)
                        try $0.set(.limitBehaviour, text, for: "racer-\(user)", in: .users)
                    }
                },
                expecting: 0,
                by: nil
            )
            for user in 0..<4 {
                let most = user + 1
                let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for attempt in 0..<48 {
                        group.addTask {
                            do throws(GatewayError) {
                                var new = NewSession(user: try Self.id("racer-\(user)"))
                                new.organization = attempt % 2 == 0 ? "acme" : nil
                                _ = try await cluster.nodes[attempt % 3].create(new)
                                return true
                            } catch {
                                switch error.kind {
                                case .limitReached(let count):
                                    #expect(count == most && behavior == .deny)
                                    return false
                                default: throw error
                                }
                            }
                        }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(made == (behavior == .deny ? most : 48))
                let live = try await cluster.nodes[0].sessions(of: try UserID("racer-\(user)"))
                #expect(live.count == most)
            }
        }
    }

    private static func id(_ text: String) throws(GatewayError) -> UserID {
        do { return try UserID(text) } catch { throw .invalid(error) }
    }

    /// While a limit is lowered again and again, no login counts by another one than the last acknowledged.
    @Test func aNodeThatWasCutOffGoesByTheLastLimit() async throws {
        try await GatewayCluster.run(2) { cluster in
            try await cluster.leased()
            let probe = try RedisProbe(cluster.redis)
            for version in 0..<6 {
                _ = try probe.run("CLIENT", "KILL", "TYPE", "pubsub")
                _ = try await cluster.nodes[0].setSettings(
                    try Self.overrides {
                        try $0.set(.maxSessions, .integer(6 - version), for: "kim", in: .users)
                    },
                    expecting: version,
                    by: nil
                )
                for _ in 0..<8 { _ = try await Self.login(cluster.nodes[1], "kim") }
                let live = try await cluster.nodes[0].sessions(of: try UserID("kim"))
                #expect(live.count == 6 - version)
            }
        }
    }
}
