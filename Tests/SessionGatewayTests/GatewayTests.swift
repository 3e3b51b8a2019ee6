import Foundation
import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct GatewayTests {
    @Test func aSessionIsGoodOnEveryNodeAndComesFromTheNearCache() async throws {
        try await GatewayCluster.run { cluster in
            try await cluster.leased()
            let created = try await cluster.session()
            #expect(await cluster.verdicts(created.token) == Array(repeating: .active("alice"), count: 3))
            try await cluster.leased()
            let before = cluster.nodes[1].nodeStatistics.hits
            #expect(Verdict(await cluster.nodes[1].check(created.token.text)) == .active("alice"))
            try await eventually("a hit") {
                _ = await cluster.nodes[1].check(created.token.text)
                return cluster.nodes[1].nodeStatistics.hits > before
            }
        }
    }

    @Test func aRevocationIsTrueOnEveryNodeWhenItReturns() async throws {
        try await GatewayCluster.run(4) { cluster in
            try await cluster.leased()
            for round in 0..<50 {
                let created = try await cluster.session(on: round % 4)
                _ = await cluster.verdicts(created.token)
                _ = await cluster.verdicts(created.token)
                let receipt = try await cluster.nodes[(round + 1) % 4].end(
                    created.session.id,
                    Ending(.revoked)
                )
                #expect(receipt.ended == 1)
                #expect(receipt.applied + receipt.lapsed == receipt.nodes)
                #expect(
                    await cluster.verdicts(created.token) == Array(repeating: .refused(.ended), count: 4)
                )
            }
            let last = try await cluster.session()
            let receipt = try await cluster.nodes[0].end(last.session.id, Ending(.revoked))
            #expect(receipt.nodes == 4)
        }
    }

    @Test func endingTwiceGivesAReceiptTwice() async throws {
        try await GatewayCluster.run(2) { cluster in
            let created = try await cluster.session()
            #expect(try await cluster.nodes[0].end(created.session.id, Ending(.revoked)).ended == 1)
            let again = try await cluster.nodes[1].end(created.session.id, Ending(.revoked))
            #expect(again.ended == 0)
            #expect(again.applied + again.lapsed == again.nodes)
        }
    }

    @Test func theOldestSessionGoesAtTheLimit() async throws {
        try await GatewayCluster.run(configure: { $0.policy.maximumSessions = 2 }) { cluster in
            try await cluster.leased()
            let first = try await cluster.session()
            _ = await cluster.verdicts(first.token)
            _ = try await cluster.session(on: 1)
            let third = try await cluster.session(on: 2)
            #expect(third.evicted == [first.session.id])
            #expect(third.receipt?.ended == 1)
            #expect(await cluster.verdicts(first.token) == Array(repeating: .refused(.ended), count: 3))
            #expect(try await cluster.nodes[0].sessions(of: UserID("alice")).count == 2)
        }
    }

    @Test func aLoginCanBeRefusedAtTheLimit() async throws {
        try await GatewayCluster.run(1) {
            $0.policy.maximumSessions = 1
            $0.policy.limitBehaviour = .deny
        } _: { cluster in
            let first = try await cluster.session()
            await #expect(throws: GatewayError.self) { _ = try await cluster.session() }
            #expect(await cluster.verdicts(first.token) == [.active("alice")])
        }
    }

    @Test func aPresentedTokenIsEnded() async throws {
        try await GatewayCluster.run(2) { cluster in
            for user in ["alice", "mallory", "bob"] {
                let planted = try await cluster.session(of: "mallory")
                _ = await cluster.verdicts(planted.token)
                let login = try await cluster.nodes[0].create(
                    NewSession(user: try UserID(user)),
                    presented: planted.token.text
                )
                #expect(login.session.id != planted.session.id)
                #expect(await cluster.verdicts(planted.token) == Array(repeating: .refused(.ended), count: 2))
                #expect(await cluster.verdicts(login.token) == Array(repeating: .active(user), count: 2))
            }
        }
    }

    @Test func everyoneIsLoggedOutAtOnce() async throws {
        try await GatewayCluster.run { cluster in
            try await cluster.leased()
            var tokens: [Token] = []
            for index in 0..<20 { tokens.append(try await cluster.session(of: "user-\(index)").token) }
            for token in tokens { _ = await cluster.verdicts(token) }
            let receipt = try await cluster.nodes[1].endEveryone(Ending(.revoked, by: "root"))
            #expect(receipt.ended == 20)
            for token in tokens {
                #expect(await cluster.verdicts(token) == Array(repeating: .refused(.ended), count: 3))
            }
            let after = try await cluster.session(of: "user-0")
            #expect(await cluster.verdicts(after.token) == Array(repeating: .active("user-0"), count: 3))
            try await eventually("the sweep") {
                try await cluster.nodes[0].list(SessionListRequest()).total == 1
            }
        }
    }

    @Test func othersEndAndTheKeptOneStays() async throws {
        try await GatewayCluster.run(2) { cluster in
            var all: [CreatedSession] = []
            for _ in 0..<4 { all.append(try await cluster.session()) }
            let receipt = try await cluster.nodes[0].endAll(
                of: try UserID("alice"),
                except: all[2].session.id,
                Ending(.revoked)
            )
            #expect(receipt.ended == 3)
            #expect(await cluster.verdicts(all[2].token) == Array(repeating: .active("alice"), count: 2))
            #expect(await cluster.verdicts(all[0].token) == Array(repeating: .refused(.ended), count: 2))
        }
    }

    @Test func nobodyEndsAnotherUsersSession() async throws {
        try await GatewayCluster.run(1) { cluster in
            let created = try await cluster.session()
            await #expect(throws: GatewayError.self) {
                _ = try await cluster.nodes[0]
                    .end(created.session.id, Ending(.revoked), onlyOf: UserID("mallory"))
            }
            #expect(await cluster.verdicts(created.token) == [.active("alice")])
        }
    }

    @Test func strictNodesAskRedisEachTime() async throws {
        try await GatewayCluster.run(1, configure: { $0.isStrict = true }) { cluster in
            let created = try await cluster.session()
            for _ in 0..<20 { #expect(await cluster.verdicts(created.token) == [.active("alice")]) }
            #expect(cluster.nodes[0].nodeStatistics.hits == 0)
        }
    }

    @Test func hitsSetTheIdleTimeoutAnewAtMostOnceInAPrecision() async throws {
        try await GatewayCluster.run(1, configure: { $0.policy.idleTimeout = .seconds(60) }) { cluster in
            try await cluster.leased()
            let created = try await cluster.session()
            let id = created.session.id
            let key = "pc:{\(id.partition.index)}:s:\(id.key)"
            // When Redis ends it, and what the clock says now, both in milliseconds.
            func expiry() -> (at: Int, now: Int) {
                let answer = unixSocketExchange(cluster.redis.socketPath, "PEXPIRETIME \(key)\r\n") ?? ""
                let now = Date().timeIntervalSince1970 * 1000
                return (Int(answer.dropFirst().prefix { $0.isNumber }) ?? 0, Int(now))
            }
            let begun = ContinuousClock.now
            let first = expiry()
            try await eventually("three touches") {
                _ = await cluster.nodes[0].check(created.token.text)
                return cluster.nodes[0].nodeStatistics.touches >= 3
            }
            // A precision is a second here, less the step in which hits are remembered; the first may come at once.
            #expect(begun.duration(to: .now) > .milliseconds(1500))
            let last = expiry()
            #expect(last.at >= first.at + 1500 && last.at - last.now <= 61_000)
        }
    }

    @Test func forgedAndMalformedTokensAreToldApart() async throws {
        try await GatewayCluster.run(1) { cluster in
            let created = try await cluster.session()
            #expect(Verdict(await cluster.nodes[0].check("nonsense")) == .refused(.malformed))
            let text = created.token.text
            let last = text.suffix(1) == "A" ? "B" : "A"
            #expect(Verdict(await cluster.nodes[0].check(text.dropLast() + last)) == .refused(.forged))
        }
    }
}
