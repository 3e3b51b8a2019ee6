import RedisClient
import SessionCore
import SessionStore
import StoreTestSupport
import TestSupport
import Testing

@Suite struct EndTests {
    @Test func anEndedSessionIsGoneAndStaysInTheHistory() async throws {
        try await StoreBench.run { bench in
            let user = try UserID("bob")
            let session = try await bench.create(try await bench.order(user))
            let ending = Ending(.revoked, by: "admin \"x\"", reason: "lost\nlaptop")
            #expect(try await bench.store.end(session.id, ending, of: nil, origin: nil).value == .ended)
            #expect(try await bench.record(session.id) == nil)
            let overview = try #require(try await bench.store.session(session.id, epoch: 0))
            #expect(overview.end?.ending == ending)
            #expect(overview.session == session)
            #expect(overview.lastActivity >= session.createdAt)
            #expect(overview.lastActivity <= session.createdAt + .seconds(2))
            #expect(try await bench.store.sessions(of: user, includeEnded: false, epoch: 0).isEmpty)
            #expect(try await bench.store.sessions(of: user, includeEnded: true, epoch: 0) == [overview])
            #expect(try await bench.store.end(session.id, ending, of: nil, origin: nil).value == .gone)
            let ttl = try #require(
                try await bench.redis("TTL", bench.store.keys.details(session.id).description).int
            )
            #expect((3500...3600).contains(ttl))
            let events = try await bench.store.events(in: session.id.partition, after: nil, limit: 10)
            #expect(events.map(\.record.kind) == ["created", "revoked"])
            #expect(events.last?.record.actor == "admin \"x\"")
            #expect(events.last?.record.user == "bob")
            let later = try await bench.store.events(
                in: session.id.partition,
                after: events.first?.position,
                limit: 10
            )
            #expect(later == [events[1]])
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func aUserReachesNobodyElsesSession() async throws {
        try await StoreBench.run { bench in
            let bob = try UserID("bob")
            let eve = try UserID("eve")
            let session = try await bench.create(try await bench.order(bob))
            let unknown = SessionID(partition: Partition(of: eve), value: 77)
            for id in [session.id, unknown] {
                let result = try await bench.store.end(id, Ending(.revoked), of: .user(eve), origin: nil)
                #expect(result.value == .foreign)
                #expect(result.nodes.isEmpty)
            }
            #expect(try await bench.record(session.id) != nil)
            #expect(
                try await bench.store.end(session.id, Ending(.revoked), of: .user(bob), origin: nil).value
                    == .ended
            )
            #expect(
                try await bench.store.end(session.id, Ending(.revoked), of: .user(bob), origin: nil).value
                    == .gone
            )
        }
    }

    @Test func manyOfAllPartitionsEndAtOnce() async throws {
        try await StoreBench.run { bench in
            var ids: [SessionID] = []
            for number in 0..<300 {
                ids.append(try await bench.create(try await bench.order(try UserID("u\(number)"))).id)
            }
            let kept = ids.removeLast()
            let result = try await bench.store.end(ids + ids, Ending(.revoked), of: nil, origin: nil)
                .value
            #expect(result.count == 299)
            #expect(result.values.allSatisfy { $0 == .ended })
            #expect(try await bench.store.count() == 1)
            #expect(try await bench.record(kept) != nil)
            let none = try await bench.store.end([], Ending(.revoked), of: nil, origin: nil)
            #expect(none.value.isEmpty && none.nodes.isEmpty)
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func allOfAUserButOne() async throws {
        try await StoreBench.run { bench in
            let user = try UserID("bob")
            var ids: [SessionID] = []
            for _ in 0..<5 { ids.append(try await bench.create(try await bench.order(user)).id) }
            let other = try await bench.create(try await bench.order(try UserID("eve")))
            try await bench.redis("DEL", bench.store.keys.live(ids[0]).description)
            let ended = try await bench.store.endAll(
                of: user,
                except: ids[2],
                Ending(.loggedOut),
                origin: nil
            ).value
            #expect(Set(ended) == Set([ids[1], ids[3], ids[4]]))
            #expect(
                try await bench.store.sessions(of: user, includeEnded: false, epoch: 0).map(\.session.id) == [
                    ids[2]
                ]
            )
            #expect(try await bench.store.session(ids[0], epoch: 0)?.end?.ending.kind == .expiredIdle)
            let rest = try await bench.store.endAll(of: user, except: other.id, Ending(.revoked), origin: nil)
                .value
            #expect(rest == [ids[2]])
            #expect(
                try await bench.store.endAll(of: user, except: nil, Ending(.revoked), origin: nil).value
                    .isEmpty
            )
            #expect(try await bench.record(other.id) != nil)
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func thousandsOfOneUserEndInBatches() async throws {
        try await StoreBench.run { bench in
            let user = try UserID("robot")
            for _ in 0..<1_050 { try await bench.create(try await bench.order(user)) }
            let ended = try await bench.store.endAll(of: user, except: nil, Ending(.revoked), origin: nil)
                .value
            #expect(Set(ended).count == 1_050)
            #expect(try await bench.store.count() == 0)
            #expect(
                try await bench.store.sessions(of: user, includeEnded: true, epoch: 0, limit: 5000).count
                    == 1_050
            )
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func withoutRetentionNothingStays() async throws {
        try await StoreBench.run(retention: .zero) { bench in
            let session = try await bench.create(try await bench.order(try UserID("bob")))
            #expect(
                try await bench.store.end(session.id, Ending(.revoked), of: nil, origin: nil).value
                    == .ended
            )
            #expect(try await bench.store.session(session.id, epoch: 0) == nil)
            let audit = try await IndexAudit(bench.client)
            #expect(audit.problems == [] && audit.ended == 0)
        }
    }

    @Test func endingWorksWhenMemoryIsFull() async throws {
        try await StoreBench.run { bench in
            let user = try UserID("bob")
            var ids: [SessionID] = []
            for _ in 0..<4 { ids.append(try await bench.create(try await bench.order(user)).id) }
            try await bench.redis("CONFIG", "SET", "maxmemory-policy", "noeviction")
            try await bench.redis("CONFIG", "SET", "maxmemory", "1")
            await #expect(throws: StoreError.self) { try await bench.create(try await bench.order(user)) }
            #expect(try await bench.store.count() == 4)
            let (one, two) = (try StoreBench.digest(1), try StoreBench.digest(2))
            #expect(
                try await bench.store.end(ids[0], Ending(.revoked), of: nil, origin: nil).value == .ended
            )
            _ = try await bench.store.rotate(
                ids[1],
                presented: two,
                successor: one,
                grace: .zero,
                epoch: 0,
                origin: nil
            )
            #expect(try await bench.record(ids[1]) == nil)
            #expect(try await bench.store.endReused(ids[2], presented: two, origin: nil).value)
            #expect(
                try await bench.store.endAll(of: user, except: nil, Ending(.revoked), origin: nil).value == [
                    ids[3]
                ]
            )
            #expect(try await bench.store.bumpEpoch(Ending(.revoked), origin: nil).value == 1)
            let beat = try await bench.store.heartbeat(
                node: NodeID(),
                lease: .seconds(1),
                information: "{}",
                sequence: 1
            )
            #expect(beat.epoch == 1)
            _ = try await bench.store.sweepDue()
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    /// Promise R11: whatever is under way when a session ends, it does not bring it back.
    @Test func nothingComesBack() async throws {
        try await StoreBench.run { bench in
            let (one, two) = (try StoreBench.digest(1), try StoreBench.digest(2))
            for number in 0..<100 {
                let user = try UserID("u\(number)")
                let id = try await bench.create(try await bench.order(user)).id
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<3 {
                        group.addTask { _ = try await bench.store.touch([(id, .seconds(600))]) }
                        group.addTask {
                            _ = try await bench.client.send(
                                bench.store.readCommand(id, timeToLive: .seconds(600)),
                                timeout: nil
                            )
                        }
                        group.addTask {
                            _ = try await bench.store.rotate(
                                id,
                                presented: one,
                                successor: two,
                                grace: .seconds(60),
                                epoch: 0,
                                origin: nil
                            )
                        }
                        group.addTask {
                            _ = try await bench.store.update(
                                id,
                                UpdateOrder(sessionName: "x", roles: ["y"], extend: true),
                                epoch: 0,
                                origin: nil
                            )
                        }
                        group.addTask {
                            _ = try await bench.store.setData("{}", of: id, expecting: nil, epoch: 0)
                        }
                    }
                    group.addTask {
                        switch number % 3 {
                        case 0: _ = try await bench.store.end(id, Ending(.revoked), of: nil, origin: nil)
                        case 1:
                            _ = try await bench.store.endAll(
                                of: user,
                                except: nil,
                                Ending(.revoked),
                                origin: nil
                            )
                        default:
                            _ = try await bench.store.endReused(
                                id,
                                presented: try StoreBench.digest(9),
                                origin: nil
                            )
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await bench.record(id) == nil)
                #expect(try await bench.store.data(of: id, epoch: 0) == nil)
            }
            let audit = try await IndexAudit(bench.client)
            #expect(audit.problems == [])
            #expect(audit.live == 0 && audit.ended == 100)
        }
    }
}
