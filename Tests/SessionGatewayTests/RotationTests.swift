import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct RotationTests {
    @Test func racingRotationsGetTheSameSuccessor() async throws {
        try await GatewayCluster.run { cluster in
            for _ in 0..<20 {
                let created = try await cluster.session()
                let successors = try await withThrowingTaskGroup(of: RotatedSession.self) { group in
                    for index in 0..<10 {
                        group.addTask { try await cluster.nodes[index % 3].rotate(created.token.text) }
                    }
                    return try await group.reduce(into: [RotatedSession]()) { $0.append($1) }
                }
                #expect(Set(successors.map(\.token.text)).count == 1)
                #expect(successors.filter { !$0.isRepeat }.count == 1)
                let next = try #require(successors.first)
                #expect(await cluster.verdicts(next.token) == Array(repeating: .active("alice"), count: 3))
                #expect(await cluster.verdicts(created.token) == Array(repeating: .active("alice"), count: 3))
            }
        }
    }

    @Test func aTokenUsedAfterItsGraceEndsTheSession() async throws {
        try await GatewayCluster.run(configure: { $0.policy.rotationGrace = .zero }) { cluster in
            let created = try await cluster.session()
            _ = await cluster.verdicts(created.token)
            let next = try await cluster.nodes[0].rotate(created.token.text)
            try await eventually("the grace is over") {
                Verdict(await cluster.nodes[1].check(created.token.text)) != .active("alice")
            }
            try await eventually("the session has ended everywhere") {
                await cluster.verdicts(next.token) == Array(repeating: .refused(.ended), count: 3)
            }
            let overview = try #require(try await cluster.nodes[0].session(created.session.id))
            #expect(overview.end?.ending.kind == .tokenReused)
        }
    }

    @Test func rotatingWithARotatedTokenAfterItsGraceEndsTheSession() async throws {
        try await GatewayCluster.run(2, configure: { $0.policy.rotationGrace = .zero }) { cluster in
            let created = try await cluster.session()
            let next = try await cluster.nodes[0].rotate(created.token.text)
            let after = try await cluster.nodes[0].rotate(next.token.text)
            await #expect(throws: GatewayError.self) {
                _ = try await cluster.nodes[1].rotate(created.token.text)
            }
            #expect(await cluster.verdicts(after.token) == Array(repeating: .refused(.ended), count: 2))
        }
    }
}
