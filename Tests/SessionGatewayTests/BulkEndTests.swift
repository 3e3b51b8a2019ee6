import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct BulkEndTests {
    @Test func oneReceiptStandsForAll() async throws {
        try await GatewayCluster.run(3, configure: { $0.policy.maximumSessions = 0 }) { cluster in
            try await cluster.leased()
            var meant: [Token] = []
            var others: [Token] = []
            for number in 0..<300 {
                var new = NewSession(user: try UserID("u\(number % 90)"))
                new.organization = number % 3 == 0 ? "acme" : "other"
                let created = try await cluster.nodes[number % 3].create(new)
                if number % 3 == 0 { meant.append(created.token) } else { others.append(created.token) }
            }
            // Copies on every node.
            for token in meant + others { _ = await cluster.verdicts(token) }
            try await cluster.leased()
            var filter = SessionFilter()
            filter.organization = "acme"
            #expect(try await cluster.nodes[0].count(matching: filter).count == 100)
            let receipt = try await cluster.nodes[1].endAll(
                matching: filter,
                Ending(.revoked, by: "root")
            )
            #expect(receipt.ended == 100)
            #expect(receipt.nodes == 3 && receipt.applied + receipt.lapsed == 3)
            for token in meant {
                #expect(await cluster.verdicts(token) == Array(repeating: .refused(.ended), count: 3))
            }
            for token in others {
                #expect(
                    await cluster.verdicts(token).allSatisfy { if case .active = $0 { true } else { false } }
                )
            }
            let again = try await cluster.nodes[2].endAll(matching: filter, Ending(.revoked))
            #expect(again.ended == 0 && again.nodes == 3)
        }
    }
}
