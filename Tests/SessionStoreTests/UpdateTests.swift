import RedisClient
import SessionCore
import SessionStore
import StoreTestSupport
import Testing

@Suite struct UpdateTests {
    @Test func changesTheRecordAndWhatIsShown() async throws {
        try await StoreBench.run { bench in
            var order = try await bench.order(try UserID("bob"))
            order.request.organization = "old"
            order.request.roles = ["user"]
            order.request.factors = ["password"]
            let session = try await bench.create(order)
            _ = try await bench.store.rotate(
                session.id,
                presented: try StoreBench.digest(1),
                successor: try StoreBench.digest(2),
                grace: .seconds(60),
                epoch: 0,
                origin: nil
            )
            let change = UpdateOrder(
                sessionName: "my \"laptop\"",
                roles: ["admin", "user"],
                organization: "new",
                factors: ["password", "otp"]
            )
            #expect(try await bench.store.update(session.id, change, by: "bob", epoch: 0, origin: nil).value)
            let record = try #require(try await bench.record(session.id))
            #expect(record.session.roles == ["admin", "user"])
            #expect(record.session.organization == "new")
            #expect(record.session.factors == ["password", "otp"])
            #expect(record.session.authenticatedAt >= session.createdAt)
            #expect(record.session.createdAt == session.createdAt)
            #expect(record.session.user == session.user)
            #expect(record.verifierDigest == (try StoreBench.digest(2)))
            #expect(record.previousDigest == (try StoreBench.digest(1)))
            let overview = try #require(try await bench.store.session(session.id, epoch: 0))
            #expect(overview.session == record.session)
            #expect(overview.details.sessionName == "my \"laptop\"")
            // Taking away.
            let away = UpdateOrder(sessionName: "", roles: [], organization: "")
            #expect(try await bench.store.update(session.id, away, epoch: 0, origin: nil).value)
            let emptied = try #require(try await bench.record(session.id)).session
            #expect(emptied.roles.isEmpty && emptied.organization == nil)
            let shown = try #require(try await bench.store.session(session.id, epoch: 0))
            #expect(shown.session == emptied)
            #expect(shown.details.sessionName == nil)
            let events = try await bench.store.events(in: session.id.partition, after: nil, limit: 10)
            #expect(events.map(\.record.kind) == ["created", "rotated", "updated", "updated"])
            #expect(events[2].record.actor == "bob")
        }
    }

    @Test func addsFactorsToThoseThereAre() async throws {
        try await StoreBench.run { bench in
            var order = try await bench.order(try UserID("bob"))
            order.request.factors = ["password"]
            order.request.roles = ["user"]
            let session = try await bench.create(order)
            for added in [["otp", "password"], ["otp"]] {
                let change = UpdateOrder(addedFactors: added)
                #expect(try await bench.store.update(session.id, change, epoch: 0, origin: nil).value)
                let record = try #require(try await bench.record(session.id)).session
                #expect(record.factors == ["password", "otp"] && record.roles == ["user"])
                let shown = try #require(try await bench.store.session(session.id, epoch: 0)).session
                #expect(shown == record)
            }
            let again = UpdateOrder(reauthenticated: true)
            #expect(try await bench.store.update(session.id, again, epoch: 0, origin: nil).value)
            let record = try #require(try await bench.record(session.id)).session
            #expect(record.factors == ["password", "otp"] && record.authenticatedAt >= session.createdAt)
        }
    }

    @Test func detailsDoNotGrowWithRepeatedChanges() async throws {
        try await StoreBench.run { bench in
            let session = try await bench.create(try await bench.order(try UserID("bob")))
            func rename(_ number: Int) async throws -> Int? {
                _ = try await bench.store.update(
                    session.id,
                    UpdateOrder(sessionName: "name \(number)"),
                    epoch: 0,
                    origin: nil
                )
                return try await bench.redis("STRLEN", bench.store.keys.details(session.id).description).int
            }
            let length = try await rename(100)
            for number in 101..<200 { #expect(try await rename(number) == length) }
            let ttl = try #require(
                try await bench.redis("TTL", bench.store.keys.details(session.id).description).int
            )
            #expect(ttl > 86_400)
        }
    }

    @Test(arguments: [60, 600, 3600, 80_000] as [Int64])
    func extendStartsTheIdleTimeoutAnew(idle: Int64) async throws {
        try await StoreBench.run { bench in
            let session = try await bench.create(
                try await bench.order(try UserID("bob"), idle: .seconds(idle), absolute: .seconds(86_400))
            )
            let key = bench.store.keys.live(session.id).description
            try await bench.redis("PEXPIRE", key, "5000")
            #expect(
                try await bench.store.update(session.id, UpdateOrder(extend: true), epoch: 0, origin: nil)
                    .value
            )
            let expected =
                idle * 1000
                + SessionPolicy.touchPrecision(forIdleTimeout: .seconds(idle)).inMilliseconds
            let left = Int64(try #require(try await bench.redis("PTTL", key).int))
            #expect(((expected - 3000)...expected).contains(left))
        }
    }

    @Test func whatIsGoneOrOfAnOldEpochIsNotChanged() async throws {
        try await StoreBench.run { bench in
            let session = try await bench.create(try await bench.order(try UserID("bob")))
            let change = UpdateOrder(sessionName: "x")
            #expect(try await !bench.store.update(session.id, change, epoch: 1, origin: nil).value)
            _ = try await bench.store.end(session.id, Ending(.revoked), of: nil, origin: nil)
            #expect(try await !bench.store.update(session.id, change, epoch: 0, origin: nil).value)
            #expect(try await bench.store.session(session.id, epoch: 0)?.details.sessionName == nil)
        }
    }

    @Test func documentsAreComparedAndSet() async throws {
        try await StoreBench.run { bench in
            let session = try await bench.create(try await bench.order(try UserID("bob")))
            let store = bench.store
            #expect(try await store.data(of: session.id, epoch: 0) == .some(nil))
            #expect(
                try await store.setData("{\"a\":1}", of: session.id, expecting: 1, epoch: 0)
                    == .conflict(present: 0)
            )
            #expect(
                try await store.setData("{\"a\":1}", of: session.id, expecting: 0, epoch: 0) == .written(1)
            )
            #expect(
                try await store.setData("{\"a\":2}", of: session.id, expecting: 0, epoch: 0)
                    == .conflict(present: 1)
            )
            #expect(
                try await store.setData("{\"a\":\":🦉\"}", of: session.id, expecting: 1, epoch: 0)
                    == .written(2)
            )
            #expect(
                try await store.data(of: session.id, epoch: 0)
                    == .some(SessionDocument(version: 2, json: "{\"a\":\":🦉\"}"))
            )
            #expect(try await store.setData("", of: session.id, expecting: nil, epoch: 0) == .written(3))
            #expect(try await store.data(of: session.id, epoch: 0) == .some(nil))
            #expect(try await store.setData("[]", of: session.id, expecting: nil, epoch: 0) == .written(4))
            let ttl = try #require(
                try await bench.redis("TTL", store.keys.document(session.id).description).int
            )
            #expect((86_000...86_400).contains(ttl))
            _ = try await store.end(session.id, Ending(.revoked), of: nil, origin: nil)
            #expect(try await store.data(of: session.id, epoch: 0) == nil)
            #expect(try await store.setData("{}", of: session.id, expecting: nil, epoch: 0) == .gone)
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    /// Until the sweep has come by, records of earlier epochs are still there.
    @Test func whatEndedWithEveryoneIsNotChanged() async throws {
        try await StoreBench.run { bench in
            let store = bench.store
            let session = try await bench.create(try await bench.order(try UserID("alice")))
            #expect(try await store.setData("{}", of: session.id, expecting: nil, epoch: 0) == .written(1))
            let epoch = try await store.bumpEpoch(Ending(.revoked, by: "root"), origin: nil).value
            #expect(try await store.data(of: session.id, epoch: epoch) == nil)
            #expect(try await store.setData("{}", of: session.id, expecting: nil, epoch: epoch) == .gone)
            let rotated = try await store.rotate(
                session.id,
                presented: try StoreBench.digest(1),
                successor: try StoreBench.digest(2),
                grace: .seconds(10),
                epoch: epoch,
                origin: nil
            )
            #expect(rotated.value == .gone)
            let pending = try #require(try await store.pendingSweep())
            #expect(pending.epoch == epoch && pending.ending == Ending(.revoked, by: "root"))
            try await store.finishSweep(before: epoch - 1)
            #expect(try await store.pendingSweep() != nil)
            try await store.finishSweep(before: epoch)
            #expect(try await store.pendingSweep() == nil)
        }
    }

    @Test func oneOfManyWritersWins() async throws {
        try await StoreBench.run { bench in
            let session = try await bench.create(try await bench.order(try UserID("bob")))
            let won = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await bench.store.setData("\(number)", of: session.id, expecting: 0, epoch: 0)
                            == .written(1)
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(won == 1)
        }
    }

    @Test func touchesExtendWhatIsThereAndNothingElse() async throws {
        try await StoreBench.run { bench in
            let session = try await bench.create(try await bench.order(try UserID("bob")))
            let gone = SessionID(partition: session.id.partition, value: 1)
            #expect(
                try await bench.store.touch([(session.id, .seconds(60)), (gone, .seconds(60))]) == [
                    true, false,
                ]
            )
            #expect(try await bench.store.touch([]) == [])
            let left = try #require(
                try await bench.redis("TTL", bench.store.keys.live(session.id).description).int
            )
            #expect(left <= 60)
            let read = bench.store.readCommand(session.id, timeToLive: .seconds(500))
            let value = try await bench.client.send(read, timeout: nil)
            #expect(try bench.store.decodeRecord(value, id: session.id)?.session == session)
            #expect(
                (try await bench.redis("TTL", bench.store.keys.live(session.id).description).int ?? 0) > 490
            )
            let missing = try await bench.client.send(
                bench.store.readCommand(gone, timeToLive: .seconds(500)),
                timeout: nil
            )
            #expect(try bench.store.decodeRecord(missing, id: gone) == nil)
            #expect(try await bench.redis("EXISTS", bench.store.keys.live(gone).description) == .integer(0))
        }
    }
}
