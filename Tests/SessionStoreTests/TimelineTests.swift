import RedisClient
import SessionCore
import SessionStore
import StoreTestSupport
import Testing

@Suite struct TimelineTests {
    private static func add(
        _ bench: StoreBench,
        _ entries: [ActivityEntry],
        to id: SessionID,
        keeping most: Int = 200,
        epoch: UInt64 = 0
    ) async throws -> AddActivityOutcome? {
        try await bench.store.addActivity([(id, entries)], keeping: most, epoch: epoch).first
    }

    private static func acts(_ bench: StoreBench, _ id: SessionID) async throws -> [ActivityEntry.Act] {
        ActivityPage(try await bench.store.activity(of: id), after: nil, limit: 1000).entries.map(\.act)
    }

    @Test func entriesComeBackWhateverTheySay() async throws {
        try await StoreBench.run { bench in
            let session = try await bench.create(try await bench.order(try UserID("bob")))
            let at = session.createdAt + .milliseconds(1)
            var proxied = ActivityEntry(.request(method: "GET", path: "/a b/ü=-"), at: at, status: nil)
            proxied.source = .forwardAuth
            let entries = [
                ActivityEntry(.request(method: "POST", path: "/orders"), at: at, status: 201),
                ActivityEntry(.request(method: nil, path: "/"), at: at, status: 500), proxied,
                ActivityEntry(.action("=a/ \"b\" {c} 🦉"), at: at), ActivityEntry(.action("-"), at: at),
            ]
            #expect(try await Self.add(bench, entries, to: session.id) == .added(5))
            let read = try await bench.store.activity(of: session.id).sorted { $0.place < $1.place }
            #expect(read.map(\.entry) == entries)
            // Without a time of its own, an entry has Redis's.
            #expect(try await Self.add(bench, [ActivityEntry(.action("now"))], to: session.id) == .added(1))
            let last = try #require(try await bench.store.activity(of: session.id).first)
            #expect(last.entry.act == .action("now"))
            #expect(try #require(last.entry.at) >= session.createdAt)
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func onlyTheLastOnesAreKept() async throws {
        try await StoreBench.run { bench in
            let session = try await bench.create(try await bench.order(try UserID("bob")))
            for start in stride(from: 0, to: 300, by: 60) {
                let entries = (start..<(start + 60)).map { ActivityEntry(.action("\($0)")) }
                #expect(try await Self.add(bench, entries, to: session.id, keeping: 50) == .added(60))
            }
            let expected = (250..<300).reversed().map { ActivityEntry.Act.action("\($0)") }
            #expect(try await Self.acts(bench, session.id) == expected)
        }
    }

    @Test func timesLieWithinTheSession() async throws {
        try await StoreBench.run { bench in
            let session = try await bench.create(try await bench.order(try UserID("bob")))
            let good = ActivityEntry(.action("good"))
            let early = ActivityEntry(.action("early"), at: session.createdAt - .milliseconds(1))
            let now = try await bench.now()
            let late = ActivityEntry(.action("late"), at: now + .seconds(70))
            let ahead = ActivityEntry(.action("ahead"), at: now + .seconds(50))
            #expect(try await Self.add(bench, [good, early], to: session.id) == .beforeSession(1))
            #expect(try await Self.add(bench, [late, good], to: session.id) == .inFuture(0))
            #expect(try await Self.acts(bench, session.id).isEmpty)
            #expect(try await Self.add(bench, [ahead], to: session.id) == .added(1))
            // A gateway's estimate may be a little off; what a proxy asked about was within the session.
            for var entry in [early, late] {
                entry.source = .forwardAuth
                #expect(try await Self.add(bench, [entry], to: session.id) == .added(1))
            }
            let entries = try await bench.store.activity(of: session.id).map(\.entry)
            let end = try await bench.now()
            for entry in entries where entry.source == .forwardAuth {
                #expect((session.createdAt...end).contains(try #require(entry.at)))
            }
            #expect(entries.count == 3)
        }
    }

    /// Promise R11: what has ended gets no entry, and no key comes about.
    @Test func whatHasEndedIsNotRevived() async throws {
        try await StoreBench.run { bench in
            let entry = [ActivityEntry(.action("x"))]
            let never = SessionID(partition: Partition(of: try UserID("nobody")), value: 1)
            #expect(try await Self.add(bench, entry, to: never) == .gone)
            let outdated = try await bench.create(try await bench.order(try UserID("old")))
            #expect(try await Self.add(bench, entry, to: outdated.id, epoch: 1) == .gone)
            let session = try await bench.create(try await bench.order(try UserID("bob")))
            _ = try await bench.store.end(session.id, Ending(.revoked), of: nil, origin: nil)
            #expect(try await Self.add(bench, entry, to: session.id) == .gone)
            for id in [never, outdated.id, session.id] {
                #expect(try await bench.redis("EXISTS", bench.store.keys.activity(id).description).int == 0)
            }
            // One that is gone does not keep the others from being written.
            let other = try await bench.create(try await bench.order(try UserID("carol")))
            let outcomes = try await bench.store.addActivity(
                [(session.id, entry), (other.id, entry)],
                keeping: 5,
                epoch: 0
            )
            #expect(outcomes == [.gone, .added(1)])
        }
    }

    @Test func itStaysForTheRetentionAndGoesWithTheDetails() async throws {
        try await StoreBench.run(retention: .milliseconds(300)) { bench in
            let session = try await bench.create(try await bench.order(try UserID("bob")))
            #expect(try await Self.add(bench, [ActivityEntry(.action("x"))], to: session.id) == .added(1))
            let key = bench.store.keys.activity(session.id).description
            let left = try #require(try await bench.redis("PTTL", key).int)
            // The absolute deadline, the retention and a day.
            #expect((172_000_000...172_801_000).contains(left))
            _ = try await bench.store.end(session.id, Ending(.revoked), of: nil, origin: nil)
            #expect(try await Self.acts(bench, session.id) == [.action("x")])
            var forgotten = 0
            while forgotten == 0 { forgotten = try await bench.store.sweepDue().forgotten }
            #expect(try await bench.redis("EXISTS", key).int == 0)
            #expect(try await IndexAudit(bench.client).problems == [])
        }
        // Without a retention it goes with the session, however that ends.
        try await StoreBench.run(retention: .zero) { bench in
            let revoked = try await bench.create(try await bench.order(try UserID("bob")))
            let expired = try await bench.create(try await bench.order(try UserID("carol")))
            for id in [revoked.id, expired.id] {
                #expect(try await Self.add(bench, [ActivityEntry(.action("x"))], to: id) == .added(1))
            }
            _ = try await bench.store.end(revoked.id, Ending(.revoked), of: nil, origin: nil)
            try await bench.redis("DEL", bench.store.keys.live(expired.id).description)
            _ = try await bench.store.repairIndexes()
            for id in [revoked.id, expired.id] {
                #expect(try await bench.redis("EXISTS", bench.store.keys.activity(id).description).int == 0)
            }
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }
}
