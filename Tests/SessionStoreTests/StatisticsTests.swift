import RedisClient
import SessionCore
import SessionStore
import StoreTestSupport
import TestSupport
import Testing

@Suite struct StatisticsTests {
    /// 30 users with 1 to 10 sessions, and what the figures must be.
    private static func fill(_ bench: StoreBench) async throws -> [[LiveSession]] {
        var sessions: [[LiveSession]] = []
        for user in 0..<30 {
            var own: [LiveSession] = []
            for _ in 0...(user % 10) {
                var order = try await bench.order(try UserID("user-\(user)"))
                order.request.organization = user < 20 ? "acme" : nil
                own.append(try await bench.create(order))
            }
            sessions.append(own)
        }
        return sessions
    }

    private static func expect(
        _ bench: StoreBench,
        _ sessions: [[LiveSession]],
        ended: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let statistics = try await bench.store.statistics()
        #expect(statistics.active == sessions.joined().count, sourceLocation: sourceLocation)
        #expect(statistics.ended == ended, sourceLocation: sourceLocation)
        #expect(statistics.users == sessions.count { !$0.isEmpty }, sourceLocation: sourceLocation)
        #expect(statistics.crowdedUsers == sessions.count { $0.count > 5 }, sourceLocation: sourceLocation)
        let problems = try await IndexAudit(bench.client).problems
        #expect(problems == [], sourceLocation: sourceLocation)
    }

    /// However sessions come and go, the counters say what the indexes hold.
    @Test func countersFollowEveryWayToComeAndGo() async throws {
        try await StoreBench.run { bench in
            var sessions = try await Self.fill(bench)
            try await Self.expect(bench, sessions, ended: 0)
            // One by one.
            for user in [0, 5, 9, 15] {
                let gone = sessions[user].removeLast()
                _ = try await bench.store.end(gone.id, Ending(.loggedOut), of: nil, origin: nil)
            }
            try await Self.expect(bench, sessions, ended: 4)
            // All of a user; all but one.
            _ = try await bench.store.endAll(
                of: try UserID("user-8"),
                except: nil,
                Ending(.revoked),
                origin: nil
            )
            _ = try await bench.store.endAll(
                of: try UserID("user-18"),
                except: sessions[18][3].id,
                Ending(.revoked),
                origin: nil
            )
            var ended = 4 + sessions[8].count + sessions[18].count - 1
            sessions[8] = []
            sessions[18] = [sessions[18][3]]
            try await Self.expect(bench, sessions, ended: ended)
            // Making room, from 10 to 2 at once; and beside others.
            let order = try await bench.order(try UserID("user-19"), limit: 2)
            let made = try await bench.create(order)
            ended += sessions[19].count - 1
            sessions[19] = [sessions[19][9], made]
            try await Self.expect(bench, sessions, ended: ended)
            let replacing = try await bench.order(try UserID("user-7"), replacing: sessions[7][0].id)
            sessions[7] = sessions[7].dropFirst() + [try await bench.create(replacing)]
            ended += 1
            try await Self.expect(bench, sessions, ended: ended)
            // Running out.
            let past = try await bench.now().milliseconds - 10
            for session in sessions[29][..<5] + sessions[20] {
                try await bench.redis("DEL", bench.store.keys.live(session.id).description)
                try await bench.redis(
                    "ZADD",
                    bench.store.keys.due(session.id.partition).description,
                    "\(past)",
                    session.id.key
                )
            }
            ended += 5 + sessions[20].count
            sessions[29].removeFirst(5)
            sessions[20] = []
            _ = try await bench.store.sweepDue()
            try await Self.expect(bench, sessions, ended: ended)
            // A token used again.
            let robbed = sessions[16].removeFirst()
            let reused = try await bench.store.endReused(
                robbed.id,
                presented: try StoreBench.digest(99),
                origin: nil
            )
            #expect(reused.value)
            try await Self.expect(bench, sessions, ended: ended + 1)
            // Everyone.
            let epoch = try await bench.store.bumpEpoch(Ending(.revoked), origin: nil).value
            _ = try await bench.store.sweep(before: epoch, Ending(.revoked))
            ended += 1 + sessions.joined().count
            try await Self.expect(bench, [], ended: ended)
        }
    }

    /// Logins and logouts of one user at the same time, around both thresholds.
    @Test func racesKeepTheCounters() async throws {
        try await StoreBench.run { bench in
            for limit in [0, 1, 6] {
                let user = try UserID("racer-\(limit)")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for worker in 0..<12 {
                        group.addTask {
                            for round in 0..<12 {
                                let order = try await bench.order(user, limit: limit)
                                let session = try await bench.create(order)
                                if (worker + round) % 3 != 0 {
                                    _ = try await bench.store.end(
                                        session.id,
                                        Ending(.loggedOut),
                                        of: nil,
                                        origin: nil
                                    )
                                }
                                if worker == 0, round % 4 == 3 {
                                    _ = try await bench.store.endAll(
                                        of: user,
                                        except: nil,
                                        Ending(.revoked),
                                        origin: nil
                                    )
                                }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(try await IndexAudit(bench.client).problems == [])
            // An order to forget what has come about meanwhile takes nothing away.
            let session = try await bench.create(try await bench.order(try UserID("present")))
            let calls = StoreCalls(keys: bench.store.keys, retention: .seconds(1), eventsPerPartition: 10)
            let call = calls.forget([session.id], of: session.user)
            let reply = try await bench.client.evaluate(
                call.script,
                keys: call.keys,
                arguments: call.arguments,
                timeout: nil
            )
            #expect(reply == .integer(0))
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func driftOfTheCountersIsMended() async throws {
        try await StoreBench.run { bench in
            let sessions = try await Self.fill(bench)
            let first = bench.store.keys.counters(sessions[0][0].id.partition).description
            let second = bench.store.keys.counters(sessions[9][0].id.partition).description
            try await bench.redis("HINCRBY", first, "users", "7")
            try await bench.redis("DEL", second)
            #expect(try await IndexAudit(bench.client).problems.isEmpty == false)
            let report = try await bench.store.repairIndexes()
            #expect(report.repaired >= 3 && report.expired == 0)
            try await Self.expect(bench, sessions, ended: 0)
            #expect(try await bench.store.repairIndexes() == RepairReport())
        }
    }

    /// Sessions that come and go while the counters are compared do not make them wrong.
    @Test func countersAreMendedWhileSessionsComeAndGo() async throws {
        try await StoreBench.run { bench in
            _ = try await Self.fill(bench)
            let isDone = Mutexed(false)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        while !isDone.withLock({ $0 }) {
                            let user = try UserID("user-\(Int.random(in: 0..<30))-\(worker)")
                            let session = try await bench.create(try await bench.order(user))
                            _ = try await bench.store.end(
                                session.id,
                                Ending(.loggedOut),
                                of: nil,
                                origin: nil
                            )
                        }
                    }
                }
                for round in 0..<4 {
                    if round % 2 == 0 {
                        let partition = Partition(of: try UserID("user-\(round)"))
                        let key = bench.store.keys.counters(partition).description
                        try await bench.redis("HINCRBY", key, "users", "1")
                    }
                    _ = try await bench.store.repairIndexes()
                }
                isDone.withLock { $0 = true }
                try await group.waitForAll()
            }
            _ = try await bench.store.repairIndexes()
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func theAverageIsExactOrOfASample() async throws {
        try await StoreBench.run { bench in
            #expect(try await bench.store.statistics().averageAge == nil)
            // 60 s to 600 s old, in sixty partitions or so.
            let now = try await bench.now().milliseconds
            for number in 0..<300 {
                let session = try await bench.create(try await bench.order(try UserID("u\(number)")))
                let begun = now - Int64(60_000 + number * 1806)
                for key in [
                    bench.store.keys.all(session.id.partition), bench.store.keys.sessions(of: session.user),
                ] {
                    try await bench.redis("ZADD", key.description, "\(begun)", session.id.key)
                }
            }
            let exact = try await bench.store.statistics()
            let age = try #require(exact.averageAge)
            #expect(!exact.isEstimated && age >= .seconds(330) && age < .seconds(390))
            let sampled = try await bench.store.statistics(exactBound: 100)
            let estimate = try #require(sampled.averageAge)
            #expect(sampled.isEstimated && estimate > age * 0.8 && estimate < age * 1.2)
            #expect(sampled.active == 300 && sampled.users == 300)
        }
    }

    @Test func anOrganizationsFiguresAreThoseOfItsSessions() async throws {
        try await StoreBench.run { bench in
            let sessions = try await Self.fill(bench)
            _ = try await bench.store.end(sessions[9][0].id, Ending(.revoked), of: nil, origin: nil)
            _ = try await bench.store.end(sessions[29][0].id, Ending(.revoked), of: nil, origin: nil)
            var filter = SessionFilter()
            filter.organization = "acme"
            let whole = try await bench.store.statistics(of: filter, scan: 10_000, epoch: 0)
            #expect(whole.active == 109 && whole.ended == 1 && whole.users == 20 && whole.crowdedUsers == 10)
            #expect(!whole.isPartial && whole.averageAge != nil)
            let part = try await bench.store.statistics(of: filter, scan: 100, epoch: 0)
            #expect(part.isPartial && part.active > 0 && part.active <= 100)
            filter.organization = "nobody"
            let none = try await bench.store.statistics(of: filter, scan: 10_000, epoch: 0)
            #expect(none == InstallationStatistics())
        }
    }
}
