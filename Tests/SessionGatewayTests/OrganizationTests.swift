import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct OrganizationTests {
    private static func login(
        _ node: SessionGateway,
        _ user: String,
        of organization: String?
    ) async throws -> CreatedSession {
        var new = NewSession(user: try UserID(user))
        new.organization = organization
        return try await node.create(new)
    }

    @Test func anotherOrganizationsSessionIsUnknown() async throws {
        try await GatewayCluster.run(2) { cluster in
            try await cluster.leased()
            let own = try await Self.login(cluster.nodes[0], "own", of: "acme")
            let other = try await Self.login(cluster.nodes[0], "other", of: "beta")
            let none = try await Self.login(cluster.nodes[0], "none", of: nil)
            for created in [own, other, none] { _ = await cluster.verdicts(created.token) }
            let unknown = SessionID(partition: own.session.id.partition, value: 4711)
            for id in [other.session.id, none.session.id, unknown] {
                await #expect {
                    _ = try await cluster.nodes[1].end(id, Ending(.revoked), onlyIn: "acme")
                } throws: {
                    if case .notFound? = ($0 as? GatewayError)?.kind { true } else { false }
                }
            }
            #expect(await cluster.verdicts(other.token) == [.active("other"), .active("other")])
            #expect(await cluster.verdicts(none.token) == [.active("none"), .active("none")])
            for ended in [1, 0] {
                let receipt = try await cluster.nodes[1].end(
                    own.session.id,
                    Ending(.revoked),
                    onlyIn: "acme"
                )
                #expect(receipt.ended == ended && receipt.nodes == 2)
                #expect(
                    await cluster.verdicts(own.token) == Array(repeating: .refused(.ended), count: 2)
                )
            }
        }
    }

    @Test func figuresAndCleanUp() async throws {
        try await GatewayCluster.run(1, configure: { $0.policy.maximumSessions = 0 }) { cluster in
            let node = cluster.nodes[0]
            for number in 0..<14 {
                _ = try await Self.login(node, "u\(number / 7)", of: number < 7 ? "acme" : nil)
            }
            let last = try await Self.login(node, "u2", of: nil)
            _ = try await node.end(last.session.id, Ending(.loggedOut))
            let whole = try await node.installationStatistics()
            #expect(whole.active == 14 && whole.ended == 1 && whole.users == 2 && whole.crowdedUsers == 2)
            #expect(!whole.isEstimated && !whole.isPartial && whole.averageAge != nil)
            let acme = try await node.installationStatistics(of: "acme")
            #expect(acme.active == 7 && acme.ended == 0 && acme.users == 1 && acme.crowdedUsers == 1)
            let probe = try RedisProbe(cluster.redis)
            let partition = last.session.id.partition.index
            _ = try probe.run("HINCRBY", "pc:{\(partition)}:n", "crowded", "3")
            #expect(try await node.installationStatistics().crowdedUsers == 5)
            #expect(try await node.cleanup(verifying: false).repaired == 0)
            #expect(try await node.installationStatistics().crowdedUsers == 5)
            #expect(try await node.cleanup().repaired == 1)
            #expect(try await node.installationStatistics().crowdedUsers == 2)
        }
    }
}
