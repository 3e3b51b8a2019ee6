import Logging
import NIOCore
import NIOPosix
import RedisClient
import SessionCore
import SessionStore
import StoreTestSupport
import TestSupport
import Testing

/// What goes out on the revocation channel, and who is said to have to acknowledge it.
@Suite struct PublicationTests {
    /// Collects the messages of the revocation channel.
    private final class Listener: Sendable {
        let messages = Mutexed<[RevocationMessage?]>([])
        let isSubscribed = Mutexed(false)

        func start(_ bench: StoreBench) async throws -> RedisSubscriber {
            let subscriber = RedisSubscriber(
                configuration: RedisConfiguration(endpoint: .unix(bench.server.socketPath)),
                channels: [bench.store.keys.revocationChannel],
                eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
                logger: Logger(label: "listener"),
                onEvent: { event in
                    switch event {
                    case .subscribed: self.isSubscribed.withLock { $0 = true }
                    case .message(_, let payload):
                        self.messages.withLock { $0.append(RevocationMessage(String(buffer: payload))) }
                    case .connected, .lost: break
                    }
                }
            )
            subscriber.start()
            try await until { self.isSubscribed.withLock { $0 } }
            return subscriber
        }

        /// The messages since the last call, once there are as many.
        func take(_ count: Int) async throws -> [RevocationMessage?] {
            try await until { self.messages.withLock { $0.count >= count } }
            return self.messages.withLock { messages in
                defer { messages = [] }
                return messages
            }
        }
    }

    private static func until(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while !condition() {
            guard ContinuousClock.now < deadline else { throw StoreBench.Unexpected(what: "timeout") }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    @Test func everyChangeIsToldOnceAndWithItsOrigin() async throws {
        try await StoreBench.run { bench in
            let listener = Listener()
            let subscriber = try await listener.start(bench)
            let node = NodeID()
            _ = try await bench.store.heartbeat(
                node: node,
                lease: .seconds(60),
                information: "{}",
                sequence: 1
            )
            var number: UInt64 = 0
            func origin() -> RevocationMessage.Origin {
                number += 1
                return RevocationMessage.Origin(node: node, number: number)
            }
            let user = try UserID("bob")
            let digests = try (1...3).map { try StoreBench.digest($0) }

            // A session that pushes nobody out is nobody's business.
            let first = try await bench.login(try await bench.order(user, limit: 1), origin: origin())
            #expect(first.nodes.isEmpty)
            guard case .created(let session, _, _) = first.value else { return }
            let o2 = origin()
            let second = try await bench.login(try await bench.order(user, limit: 1), origin: o2)
            #expect(second.nodes.map(\.node) == [node])
            #expect((second.nodes.first?.remaining ?? .zero) > .seconds(50))
            guard case .created(let current, _, _) = second.value else { return }
            #expect(try await listener.take(1) == [.ended(o2, [session.id])])

            let o3 = origin()
            let rotated = try await bench.store.rotate(
                current.id,
                presented: digests[0],
                successor: digests[1],
                grace: .seconds(60),
                epoch: 0,
                origin: o3
            )
            #expect(rotated.nodes.count == 1)
            #expect(try await listener.take(1) == [.changed(o3, [current.id])])
            let again = try await bench.store.rotate(
                current.id,
                presented: digests[0],
                successor: digests[1],
                grace: .seconds(60),
                epoch: 0,
                origin: origin()
            )
            #expect(again.nodes.isEmpty)

            let o4 = origin()
            let named = try await bench.store.update(
                current.id,
                UpdateOrder(sessionName: "laptop"),
                epoch: 0,
                origin: origin()
            )
            #expect(named.value && named.nodes.isEmpty)
            let changed = try await bench.store.update(
                current.id,
                UpdateOrder(roles: ["admin"]),
                epoch: 0,
                origin: o4
            )
            #expect(changed.value && changed.nodes.count == 1)
            #expect(try await listener.take(1) == [.changed(o4, [current.id])])

            let o5 = origin()
            #expect(
                try await bench.store.endReused(current.id, presented: digests[2], origin: o5).nodes.count
                    == 1
            )
            #expect(try await listener.take(1) == [.ended(o5, [current.id])])

            // Repeated orders are published again: whoever has a copy must hear of it.
            let o6 = origin()
            #expect(
                try await bench.store.end(current.id, Ending(.revoked), of: nil, origin: o6).nodes.count
                    == 1
            )
            #expect(try await listener.take(1) == [.ended(o6, [current.id])])
            let o7 = origin()
            #expect(
                try await bench.store.endAll(of: user, except: nil, Ending(.revoked), origin: o7).nodes.count
                    == 1
            )
            #expect(try await listener.take(1) == [.ended(o7, [])])

            let o8 = origin()
            let everyone = try await bench.store.bumpEpoch(Ending(.revoked), origin: o8)
            #expect(everyone.value == 1 && everyone.nodes.count == 1)
            #expect(try await listener.take(1) == [.everyone(o8, epoch: 1)])
            await subscriber.shutdown()
        }
    }

    @Test func onlyTheLastOfSeveralMessagesHasTheOrigin() async throws {
        try await StoreBench.run { bench in
            let listener = Listener()
            let subscriber = try await listener.start(bench)
            let origin = RevocationMessage.Origin(node: NodeID(), number: 1)
            var ids: [SessionID] = []
            for number in 0..<20 {
                ids.append(try await bench.create(try await bench.order(try UserID("u\(number)"))).id)
            }
            let partitions = Set(ids.map(\.partition)).count
            _ = try await bench.store.end(ids, Ending(.revoked), of: nil, origin: origin)
            let messages = try await listener.take(partitions)
            #expect(messages.count == partitions)
            var told: [SessionID] = []
            for (index, message) in messages.enumerated() {
                guard case .ended(let source, let some) = message else {
                    Issue.record("\(String(describing: message))")
                    continue
                }
                #expect(source == (index == partitions - 1 ? origin : nil))
                told += some
            }
            #expect(Set(told) == Set(ids))
            await subscriber.shutdown()
        }
    }

    /// A node that registers between a missing script's first and second try must be among those read.
    @Test func nodesAreReadAfterThePublicationAlsoWhenTheScriptIsMissing() async throws {
        try await StoreBench.run { bench in
            let node = NodeID()
            let session = try await bench.create(try await bench.order(try UserID("bob")))
            _ = try await bench.store.heartbeat(
                node: node,
                lease: .seconds(60),
                information: "{}",
                sequence: 1
            )
            _ = try await bench.store.nodes()
            // `nodes` is known to Redis now, `end_sessions` is not.
            try await bench.redis("CONFIG", "RESETSTAT")
            let result = try await bench.store.end(session.id, Ending(.revoked), of: nil, origin: nil)
            #expect(result.value == .ended && result.nodes.map(\.node) == [node])
            let stats = try await bench.redis("INFO", "commandstats").string ?? ""
            // Both once by digest, and both again by source.
            #expect(stats.contains("cmdstat_evalsha:calls=2,"))
            #expect(stats.contains("cmdstat_eval:calls=2,"))
        }
    }

    /// What breaks the books of an ending.
    enum Damage: String, CaseIterable, Sendable {
        /// The counters of the partition are no numbers.
        case counters
        /// The partition's stream has no id left.
        case events
        /// The history of the partition is of another type.
        case history

        /// Whether the ending is done wholly in spite of it: a statistic stops nothing.
        var isHarmless: Bool { self == .counters }

        func inflict(on bench: StoreBench, _ partition: Partition) async throws {
            let keys = bench.store.keys
            switch self {
            case .counters:
                try await bench.redis("HSET", keys.counters(partition).description, "users", "abc")
            case .events:
                let last = "18446744073709551615-18446744073709551615"
                try await bench.redis("XADD", keys.events(partition).description, last, "type", "x")
            case .history:
                try await bench.redis("DEL", keys.ended(partition).description)
                try await bench.redis("SET", keys.ended(partition).description, "x")
            }
        }
    }

    /// A script that broke off had deleted sessions and told nobody: other nodes accepted them for as long as their
    /// copies were good.
    @Test(arguments: Damage.allCases)
    func whatIsKilledIsToldAlsoWhenItsBooksCannotBeKept(_ damage: Damage) async throws {
        try await StoreBench.run { bench in
            let listener = Listener()
            let subscriber = try await listener.start(bench)
            let user = try UserID("bob")
            func origin(_ number: UInt64) -> RevocationMessage.Origin {
                RevocationMessage.Origin(node: NodeID(), number: number)
            }
            func told() async throws -> Set<SessionID> {
                var ids: Set<SessionID> = []
                for message in try await listener.take(1) {
                    if case .ended(_, let some) = message { ids.formUnion(some) }
                }
                return ids
            }
            var ids: [SessionID] = []
            for _ in 0..<4 { ids.append(try await bench.create(try await bench.order(user)).id) }
            try await damage.inflict(on: bench, Partition(of: user))

            // The one that a stolen token has shown up for, one by its id, the others by their user.
            let reuse = await Result.of {
                _ = try await bench.store.endReused(
                    ids[0],
                    presented: StoreBench.digest(9),
                    origin: origin(1)
                )
            }
            #expect(try await told() == [ids[0]])
            let one = await Result.of {
                _ = try await bench.store.end(ids[1], Ending(.revoked), of: nil, origin: origin(2))
            }
            #expect(try await told() == [ids[1]])
            let all = await Result.of {
                _ = try await bench.store.endAll(of: user, except: nil, Ending(.revoked), origin: origin(3))
            }
            #expect(try await told().isSuperset(of: ids[2...]))
            for result in [reuse, one, all] {
                // What the audit log misses is not acknowledged.
                #expect((try? result.get()) != nil || !damage.isHarmless, "\(result)")
            }
            for id in ids { #expect(try await bench.record(id) == nil) }
            // Repeated, until there is nothing left to look at.
            _ = try await bench.store.endAll(of: user, except: nil, Ending(.revoked), origin: origin(4))
            #expect(try await listener.take(1).count == 1)
            await subscriber.shutdown()
        }
    }

    /// Nobody else tells the nodes of a record that was deleted or evicted by hand.
    @Test func whatWasDeletedByHandIsTold() async throws {
        try await StoreBench.run { bench in
            let listener = Listener()
            let subscriber = try await listener.start(bench)
            let origin = RevocationMessage.Origin(node: NodeID(), number: 1)
            let user = try UserID("bob")
            let byUser = try await bench.create(try await bench.order(user)).id
            try await bench.redis("DEL", bench.store.keys.live(byUser).description)
            _ = try await bench.store.endAll(of: user, except: nil, Ending(.revoked), origin: origin)
            #expect(try await listener.take(1) == [.ended(origin, [byUser])])

            let byFilter = try await bench.create(try await bench.order(user)).id
            try await bench.redis("DEL", bench.store.keys.live(byFilter).description)
            var filter = SessionFilter()
            filter.organization = "acme"
            for filter in [SessionFilter(), filter] {
                _ = await bench.store.endAll(
                    matching: filter,
                    Ending(.revoked),
                    epoch: 0,
                    origin: origin,
                    note: { _, _ in }
                )
            }
            let messages = try await listener.take(2)
            #expect(messages.contains(.ended(nil, [byFilter])))
            #expect(messages.last == .ended(origin, []))
            await subscriber.shutdown()
        }
    }
}

extension Result where Success == Void, Failure == any Error {
    fileprivate static func of(_ body: () async throws -> Void) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
