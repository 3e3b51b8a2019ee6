import RedisClient
import SessionCore
import SessionStore
import StoreTestSupport
import TestSupport
import Testing

@Suite struct AuditRelayTests {
    private static let root = Ending(.revoked, by: "root", reason: "lost laptop", from: "198.51.100.7")

    @Test func theLogTellsWhoWhyAndFromWhere() async throws {
        try await StoreBench.run { bench in
            #expect(try await bench.store.logBounds() == nil)
            var order = try await bench.order(try UserID("bob"))
            order.request.organization = "acme"
            order.request.details.ipAddress = "203.0.113.9"
            order.actor = "key:shop"
            let first = try await bench.create(order)
            _ = try await bench.store.end(first.id, Self.root, of: nil, origin: nil)
            _ = try await bench.store.setSettings(
                PolicyOverrides(),
                expecting: 0,
                by: "boss",
                from: "198.51.100.8",
                origin: nil
            )
            let everyone = Ending(.revoked, by: "boss", reason: "breach", from: "198.51.100.9")
            _ = try await bench.store.bumpEpoch(everyone, origin: nil)
            try await bench.store.record(
                [
                    RefusedAttempt(
                        call: "DELETE /api/admin/sessions/{id}",
                        code: "forbidden",
                        actor: "eve",
                        user: "eve",
                        session: first.id,
                        from: "198.51.100.10"
                    )
                ],
                dropped: 3
            )
            #expect(try await bench.relay() == 6)
            #expect(try await bench.relay() == 0)
            let entries = try await bench.entries()
            #expect(
                entries.map(\.kind) == [
                    "created", "revoked", "settings-changed", "everyone-revoked", "refused",
                    "refusals-dropped",
                ]
            )
            let created = entries[0]
            #expect(created.session == first.id && created.user == "bob" && created.organization == "acme")
            #expect(created.actor == "key:shop" && created.from == "203.0.113.9" && created.count == 1)
            let revoked = entries[1]
            #expect(revoked.session == first.id && revoked.user == "bob" && revoked.organization == "acme")
            #expect(
                revoked.actor == "root" && revoked.reason == "lost laptop" && revoked.from == "198.51.100.7"
            )
            #expect(entries[2].actor == "boss" && entries[2].from == "198.51.100.8")
            #expect(entries[3].reason == "breach" && entries[3].from == "198.51.100.9")
            let refused = entries[4]
            #expect(refused.actor == "eve" && refused.session == first.id && refused.from == "198.51.100.10")
            #expect(refused.call == "DELETE /api/admin/sessions/{id}" && refused.code == "forbidden")
            #expect(entries[5].count == 3)
            #expect(entries.allSatisfy { $0.hash.count == 64 } && Set(entries.map(\.hash)).count == 6)
            let bounds = try #require(try await bench.store.logBounds())
            #expect(bounds.first == entries.first?.position)
            #expect(bounds.last == entries.last?.position)
            let verified = try await bench.store.verifyLog(from: nil)
            #expect(verified.fault == nil && verified.checked == 6 && verified.total == 6)
            #expect(verified.head == entries.last?.hash && verified.next == nil)
        }
    }

    @Test func theOrganizationIsTheOneOfTheEnd() async throws {
        try await StoreBench.run { bench in
            func session(_ user: String, idle: Duration = .seconds(3600)) async throws -> SessionID {
                var order = try await bench.order(try UserID(user), idle: idle)
                order.request.organization = "old \"co\""
                return try await bench.create(order).id
            }
            let ids = [
                try await session("a"), try await session("b"),
                try await session("c", idle: .milliseconds(900)),
                try await session("d"),
            ]
            for id in ids.dropLast() {
                _ = try await bench.store.update(
                    id,
                    UpdateOrder(organization: "new"),
                    by: "app",
                    from: "192.0.2.1",
                    epoch: 0,
                    origin: nil
                )
            }
            _ = try await bench.store.end(ids[0], Self.root, of: nil, origin: nil)
            _ = try await bench.store.endAll(of: try UserID("b"), except: nil, Self.root, origin: nil)
            let key = bench.store.keys.live(ids[2]).description
            while try await bench.redis("EXISTS", key) == .integer(1) {
                try await Task.sleep(for: .milliseconds(5))
            }
            _ = try await bench.store.end(ids[2], Self.root, of: nil, origin: nil)
            _ = try await bench.store.end(ids[3], Self.root, of: nil, origin: nil)
            try await bench.relay()
            let entries = try await bench.entries()
            for (index, id) in ids.enumerated() {
                let own = entries.filter { $0.session == id }
                let organization = index == 3 ? "old \"co\"" : "new"
                #expect(own.first?.organization == "old \"co\"")
                #expect(own.last?.organization == organization, "\(own)")
                #expect(own.last?.kind == (index == 2 ? "expired-idle" : "revoked"))
            }
            let update = try #require(entries.first { $0.kind == "updated" })
            #expect(update.actor == "app" && update.from == "192.0.2.1" && update.organization == "new")
        }
    }

    @Test func relaysThatRaceAppendOnce() async throws {
        try await StoreBench.run { bench in
            let users = 40
            let rounds = 6
            try await withThrowingTaskGroup(of: Void.self) { group in
                let isOver = Mutexed(false)
                for _ in 0..<4 {
                    group.addTask {
                        while !isOver.withLock({ $0 }) {
                            try await bench.relay()
                            try await Task.sleep(for: .milliseconds(1))
                        }
                    }
                }
                try await withThrowingTaskGroup(of: Void.self) { acts in
                    for user in 0..<users {
                        acts.addTask {
                            for _ in 0..<rounds {
                                let id = try await bench.create(try await bench.order(try UserID("u\(user)")))
                                    .id
                                _ = try await bench.store.end(id, Self.root, of: nil, origin: nil)
                            }
                        }
                    }
                    try await acts.waitForAll()
                }
                isOver.withLock { $0 = true }
                try await group.waitForAll()
            }
            try await bench.relay()
            let entries = try await bench.entries()
            #expect(entries.count == users * rounds * 2)
            let acts = Dictionary(grouping: entries) { "\($0.kind) \($0.session?.description ?? "")" }
            #expect(acts.count == users * rounds * 2 && acts.values.allSatisfy { $0.count == 1 })
            // A session is ended after it was created, also in the log.
            let places = Dictionary(
                uniqueKeysWithValues: entries.enumerated().map {
                    ("\($1.kind) \($1.session?.description ?? "")", $0)
                }
            )
            for entry in entries where entry.kind == "revoked" {
                let id = entry.session?.description ?? ""
                #expect(places["created \(id)"] ?? .max < places["revoked \(id)"] ?? 0)
            }
            let verified = try await bench.store.verifyLog(from: nil)
            #expect(verified.fault == nil && verified.checked == entries.count)
        }
    }

    @Test func aBatchThatIsRepeatedChangesNothing() async throws {
        try await StoreBench.run { bench in
            let id = try await bench.create(try await bench.order(try UserID("bob"))).id
            let state = try await bench.store.relayState()
            let reads = try await bench.store.readEvents(after: state, limit: 64)
            let batch = try #require(RelayBatch.batches(of: reads, after: state).first)
            let limits = AuditLimits()
            #expect(try await bench.store.append(batch, limits))
            // The answer was lost: the relay sends it again, or another one with the same state does.
            #expect(try await bench.store.append(batch, limits) == false)
            _ = try await bench.store.end(id, Self.root, of: nil, origin: nil)
            #expect(try await bench.store.append(batch, limits) == false)
            #expect(try await bench.store.relayState() == batch.after)
            try await bench.relay()
            #expect(try await bench.entries().map(\.kind) == ["created", "revoked"])
            // Nor does one that knows the head and is wrong about a stream.
            let present = try await bench.store.relayState()
            var wrong = present
            wrong[.partition(id.partition)] = RelayState.Cursor()
            let stale = RelayBatch.batches(
                of: try await bench.store.readEvents(after: wrong, limit: 64),
                after: wrong
            )
            for batch in stale { #expect(try await bench.store.append(batch, limits) == false) }
            #expect(!stale.isEmpty)
            #expect(try await bench.entries().count == 2)
        }
    }

    @Test func whatWasLetGoOfUnreadIsAGap() async throws {
        try await StoreBench.run { bench in
            let user = try UserID("bob")
            let stream = bench.store.keys.events(Partition(of: user)).description
            func logins(_ count: Int) async throws {
                for _ in 0..<count { try await bench.create(try await bench.order(user)) }
            }
            // Before the first look, between two, and never.
            for (number, lost) in [7, 4, 0, 0].enumerated() {
                try await logins(10)
                if lost > 0 { try await bench.redis("XTRIM", stream, "MAXLEN", "=", "\(10 - lost)") }
                let before = try await bench.entries().count
                #expect(try await bench.relay() == 10 - lost + (lost > 0 ? 1 : 0))
                let new = try await bench.entries().dropFirst(before)
                #expect(new.first?.kind == (lost > 0 ? "gap" : "created"), "\(number)")
                if lost > 0 { #expect(new.first?.count == lost && new.first?.reason.isEmpty == false) }
                #expect(new.filter { $0.kind == "created" }.count == 10 - lost)
            }
            // All that was read has been let go of, and nothing else: no gap.
            try await bench.redis("XTRIM", stream, "MAXLEN", "=", "0")
            try await logins(3)
            #expect(try await bench.relay() == 3)
            // The stream is gone, and with it nobody knows what.
            try await bench.redis("DEL", stream)
            try await logins(2)
            #expect(try await bench.relay() == 3)
            let last = try await bench.entries().suffix(3)
            #expect(last.map(\.kind) == ["gap", "created", "created"] && last.first?.count == 0)
            try await logins(1)
            #expect(try await bench.relay() == 1)
            let verified = try await bench.store.verifyLog(from: nil)
            #expect(verified.fault == nil && verified.checked == verified.total)
        }
    }

    @Test func oneNodeHoldsALease() async throws {
        try await StoreBench.run { bench in
            let (one, two) = (NodeID(), NodeID())
            let store = bench.store
            #expect(try await store.holdLease("relay", by: one, for: .seconds(60)))
            #expect(try await store.holdLease("relay", by: one, for: .seconds(60)))
            #expect(try await store.holdLease("relay", by: two, for: .seconds(60)) == false)
            #expect(try await store.holdLease("other", by: two, for: .seconds(60)))
            try await store.releaseLease("relay", by: two)
            #expect(try await store.holdLease("relay", by: two, for: .seconds(60)) == false)
            try await store.releaseLease("relay", by: one)
            #expect(try await store.holdLease("relay", by: two, for: .milliseconds(1)))
            #expect(
                try await becomesTrue { try await store.holdLease("relay", by: one, for: .seconds(60)) }
            )
        }
    }

    @Test func ratesAreCountedOnceAMinute() async throws {
        try await StoreBench.run { bench in
            func sums() async throws -> [Int] {
                let rates = try await bench.store.rates(minutes: 60)
                #expect(rates.count == 60)
                for (one, next) in zip(rates, rates.dropFirst()) {
                    #expect(next.minute - one.minute == .seconds(60))
                }
                // The minute may end while the test runs.
                let last = rates.suffix(2)
                #expect(rates.dropLast(2).allSatisfy { $0 == MinuteRate(minute: $0.minute) })
                return [
                    last.reduce(0) { $0 + $1.logins }, last.reduce(0) { $0 + $1.revocations },
                    last.reduce(0) { $0 + $1.expiries }, last.reduce(0) { $0 + $1.refusals },
                ]
            }
            #expect(try await sums() == [0, 0, 0, 0])
            let user = try UserID("bob")
            for _ in 0..<5 { try await bench.create(try await bench.order(user)) }
            _ = try await bench.store.endAll(of: user, except: nil, Self.root, origin: nil)
            let short = try await bench.create(try await bench.order(user, idle: .milliseconds(1)))
            let key = bench.store.keys.live(short.id).description
            while try await bench.redis("EXISTS", key) == .integer(1) {
                try await Task.sleep(for: .milliseconds(5))
            }
            // Looked at after it has run out.
            _ = try await bench.store.end(short.id, Self.root, of: nil, origin: nil)
            try await bench.store.record([RefusedAttempt(call: "x", code: "y")], dropped: 9)
            try await bench.relay()
            #expect(try await sums() == [6, 5, 1, 10])
            try await bench.relay()
            try await bench.create(try await bench.order(user))
            try await bench.relay()
            #expect(try await sums() == [7, 5, 1, 10])
            #expect(try await bench.store.rates(minutes: 1440).count == 1440)
            // What happened a day ago is not shown, and makes room.
            let now = try await bench.now().milliseconds / 60_000
            for (minute, text) in [(now, "\(now - 1440) 9 9 9 9"), (now - 1, "\(now - 1441) 9 9 9 9")] {
                try await bench.redis("HSET", bench.store.keys.rates.description, "\(minute % 1440)", text)
            }
            #expect(try await sums() == [0, 0, 0, 0])
            try await bench.create(try await bench.order(user))
            try await bench.relay()
            #expect(try await sums() == [1, 0, 0, 0])
        }
    }
}
