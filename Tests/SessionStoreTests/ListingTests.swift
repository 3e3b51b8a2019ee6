import RedisClient
import SessionCore
import SessionStore
import StoreTestSupport
import Testing

@Suite struct ListingTests {
    @Test func pagesAreNewestFirstAcrossPartitions() async throws {
        try await StoreBench.run { bench in
            var sessions: [LiveSession] = []
            for number in 0..<200 {
                sessions.append(try await bench.create(try await bench.order(try UserID("u\(number)"))))
            }
            sessions.sort { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
            let whole = try await bench.list(limit: 500)
            #expect(whole.total == 200)
            #expect(whole.sessions.map(\.session) == sessions)
            var paged: [LiveSession] = []
            for offset in stride(from: 0, to: 210, by: 30) {
                let page = try await bench.list(offset: offset, limit: 30)
                paged += page.sessions.map(\.session)
            }
            #expect(paged == sessions)
            #expect(
                try await bench.list(limit: 0, .everything).sessions.isEmpty
            )
            #expect(
                try await bench.list(offset: 5000, limit: 5, .everything).sessions
                    .isEmpty
            )
            // A user who has far more than the others.
            let robot = try UserID("robot")
            for _ in 0..<100 { try await bench.create(try await bench.order(robot)) }
            let top = try await bench.list(offset: 10, limit: 50)
            #expect(top.sessions.count == 50 && top.sessions.allSatisfy { $0.session.user == robot })
        }
    }

    @Test func endedSessionsFollowAndExpiredOnesAreLeftOutAndFinalized() async throws {
        try await StoreBench.run { bench in
            var sessions: [LiveSession] = []
            for number in 0..<10 {
                sessions.append(try await bench.create(try await bench.order(try UserID("u\(number)"))))
            }
            for session in sessions[..<3] {
                _ = try await bench.store.end(session.id, Ending(.revoked), of: nil, origin: nil)
            }
            try await bench.redis("DEL", bench.store.keys.live(sessions[3].id).description)
            let active = try await bench.list(limit: 100)
            // All were looked at, so the one that ran out does not count.
            #expect(active.total == 6)
            #expect(Set(active.sessions.map(\.session.id)) == Set(sessions[4...].map(\.id)))
            #expect(active.sessions.allSatisfy { $0.end == nil })
            let all = try await bench.list(limit: 100, .everything)
            #expect(all.total == 10)
            #expect(all.sessions.count == 10)
            #expect(all.sessions.prefix(6).allSatisfy { $0.end == nil })
            #expect(all.sessions.dropFirst(6).compactMap(\.end).count == 4)
            let tail = try await bench.list(offset: 6, limit: 2, .everything)
            #expect(tail.sessions == Array(all.sessions[6..<8]))
            #expect(try await bench.store.count() == 6)
            #expect(try await bench.store.endedCount() == 4)
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func sessionsOfAnEarlierEpochAreNotActive() async throws {
        try await StoreBench.run { bench in
            let user = try UserID("bob")
            let session = try await bench.create(try await bench.order(user))
            let epoch = try await bench.store.bumpEpoch(Ending(.revoked), origin: nil).value
            #expect(try await bench.store.sessions(of: user, includeEnded: false, epoch: epoch).isEmpty)
            #expect(
                try await bench.list(limit: 9, epoch: epoch).sessions
                    .isEmpty
            )
            let shown = try await bench.store.session(session.id, epoch: epoch)
            #expect(shown?.end?.ending.kind == .revoked)
            #expect(try await bench.store.sessions(of: user, includeEnded: true, epoch: epoch).count == 1)
        }
    }

    @Test func lastActivityFollowsTouches() async throws {
        try await StoreBench.run { bench in
            let session = try await bench.create(
                try await bench.order(try UserID("bob"), idle: .seconds(600))
            )
            // As after a touch 100 s from now, less what has passed: the TTL alone tells.
            try await bench.redis("PEXPIRE", bench.store.keys.live(session.id).description, "601000")
            let overview = try #require(try await bench.store.session(session.id, epoch: 0))
            let now = try await bench.now()
            #expect(overview.lastActivity <= now && overview.lastActivity > now - .seconds(5))
            #expect(overview.idleDeadline > now + .seconds(590))
            try await bench.redis("PEXPIRE", bench.store.keys.live(session.id).description, "1000")
            let older = try #require(try await bench.store.session(session.id, epoch: 0))
            #expect(older.lastActivity == session.createdAt)
        }
    }

    @Test func aUsersOrphansAreTakenOut() async throws {
        try await StoreBench.run { bench in
            let user = try UserID("bob")
            let session = try await bench.create(try await bench.order(user))
            try await bench.redis("DEL", bench.store.keys.live(session.id).description)
            try await bench.redis("DEL", bench.store.keys.details(session.id).description)
            #expect(try await bench.store.sessions(of: user, includeEnded: true, epoch: 0).isEmpty)
            #expect(try await IndexAudit(bench.client).problems == [])
            #expect(try await bench.store.session(session.id, epoch: 0) == nil)
        }
    }
}
