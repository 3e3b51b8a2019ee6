import RedisClient
import SessionCore
import SessionStore
import StoreTestSupport
import Testing

@Suite struct CreateTests {
    @Test func writesWhatAChecksReads() async throws {
        try await StoreBench.run { bench in
            let user = try UserID("bob {}\"\\ 🦉")
            var order = try await bench.order(user)
            order.request.organization = "acme"
            order.request.roles = ["admin", "user"]
            order.request.factors = ["password"]
            order.request.remember = true
            order.request.data = "{\"a\":1}"
            order.request.details.userAgent = "curl/8"
            order.epoch = 5
            let session = try await bench.create(order)
            let record = try #require(try await bench.record(order.id))
            #expect(record.session == session)
            #expect(record.verifierDigest == order.verifierDigest)
            #expect(record.previousDigest == nil)
            let left = try #require(
                try await bench.redis("PTTL", bench.store.keys.live(order.id).description).int
            )
            #expect((3_605_000...3_606_000).contains(left))
            #expect(
                try await bench.store.data(of: order.id, epoch: 0)
                    == .some(SessionDocument(version: 1, json: "{\"a\":1}"))
            )
            let overview = try #require(try await bench.store.session(order.id, epoch: 5))
            #expect(overview.session == session)
            #expect(overview.details.userAgent == "curl/8")
            #expect(overview.end == nil)
            let events = try await bench.store.events(in: order.id.partition, after: nil, limit: 10)
            #expect(events.map(\.record.kind) == ["created"])
            #expect(events.first?.record.session == order.id.description)
            #expect(events.first?.record.user == user.text)
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func theTimeToLiveEndsAtTheAbsoluteDeadline() async throws {
        try await StoreBench.run { bench in
            let order = try await bench.order(try UserID("bob"), idle: .seconds(600), absolute: .seconds(300))
            try await bench.create(order)
            let left = try #require(
                try await bench.redis("PTTL", bench.store.keys.live(order.id).description).int
            )
            #expect((290_000...300_000).contains(left))
        }
    }

    @Test func nothingIsWrittenWhenTheClockIsOffOrTheIDTaken() async throws {
        try await StoreBench.run { bench in
            let user = try UserID("bob")
            var order = try await bench.order(user)
            for wrong in [Duration.seconds(-3), .seconds(3)] {
                var shifted = order
                shifted.now = order.now + wrong
                guard case .clock(let now) = try await bench.store.create(shifted, origin: nil).value else {
                    Issue.record("expected clock")
                    continue
                }
                #expect(now >= order.now)
            }
            var past = order
            past.absoluteDeadline = order.now - .seconds(1)
            guard case .clock = try await bench.store.create(past, origin: nil).value else {
                Issue.record("expected clock")
                return
            }
            #expect(try await bench.store.count() == 0)
            try await bench.create(order)
            #expect(try await bench.login(order).value == .collision)
            // Nor is the id of an ended session given again while its history stands.
            _ = try await bench.store.end(order.id, Ending(.revoked), of: nil, origin: nil)
            order.verifierDigest = try StoreBench.digest(9)
            #expect(try await bench.login(order).value == .collision)
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func denyRefusesAndWritesNothing() async throws {
        try await StoreBench.run { bench in
            let user = try UserID("bob")
            let first = try await bench.create(try await bench.order(user, limit: 1, behavior: .deny))
            let events = try await bench.store.events(in: first.id.partition, after: nil, limit: 10).count
            let order = try await bench.order(user, limit: 1, behavior: .deny)
            let outcome = try await bench.login(order, origin: nil)
            #expect(outcome.value == .limitReached(1))
            #expect(outcome.nodes.isEmpty)
            #expect(
                try await bench.store.events(in: first.id.partition, after: nil, limit: 10).count == events
            )
            #expect(try await bench.store.count() == 1)
        }
    }

    @Test func theOldestMakeRoomAndTheTokenSentAlongIsReplaced() async throws {
        try await StoreBench.run { bench in
            let user = try UserID("bob")
            var ids: [SessionID] = []
            for _ in 0..<3 { ids.append(try await bench.create(try await bench.order(user)).id) }
            // Lower limit than there are sessions; the newest came along with the login.
            let order = try await bench.order(user, limit: 2, replacing: ids[2])
            let outcome = try await bench.login(order, origin: nil).value
            guard case .created(_, let evicted, let replaced) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            let oldest = try await bench.store.sessions(of: user, includeEnded: true, epoch: 0)
                .filter { $0.end != nil }
            #expect(evicted.count == 1 && ids[..<2].contains(evicted[0]))
            #expect(replaced == ids[2])
            #expect(Set(oldest.compactMap { $0.end?.ending.kind }) == [.evicted, .replaced])
            #expect(try await bench.record(ids[2]) == nil)
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func anotherUsersTokenSentAlongIsReplacedToo() async throws {
        try await StoreBench.run { bench in
            let user = try UserID("bob")
            let other = try #require(
                try (0..<10_000).map { try UserID("mallory\($0)") }
                    .first { Partition(of: $0) == Partition(of: user) }
            )
            let foreign = try await bench.create(try await bench.order(other))
            let own = try await bench.create(try await bench.order(user))
            let order = try await bench.order(user, limit: 1, behavior: .deny, replacing: foreign.id)
            #expect(try await bench.login(order, origin: nil).value == .limitReached(1))
            #expect(try await bench.record(foreign.id) != nil)
            let second = try await bench.order(user, limit: 1, replacing: foreign.id)
            let outcome = try await bench.login(second, origin: nil).value
            guard case .created(_, [own.id], foreign.id) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(try await bench.store.sessions(of: other, includeEnded: false, epoch: 0).isEmpty)
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func whatRanOutOrIsOfAnOldEpochDoesNotCount() async throws {
        try await StoreBench.run { bench in
            let user = try UserID("bob")
            let gone = try await bench.create(try await bench.order(user))
            let outdated = try await bench.create(try await bench.order(user, epoch: 0))
            try await bench.redis("DEL", bench.store.keys.live(gone.id).description)
            let order = try await bench.order(user, limit: 1, behavior: .deny, epoch: 1)
            guard
                case .created(_, evicted: [], replaced: nil) = try await bench.login(order, origin: nil).value
            else {
                Issue.record("expected a session")
                return
            }
            #expect(try await bench.record(outdated.id) == nil)
            #expect(try await bench.store.count() == 1)
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func aLimitSetLateEndsThousandsInSteps() async throws {
        try await StoreBench.run { bench in
            let user = try UserID("robot")
            for _ in 0..<2_050 { try await bench.create(try await bench.order(user)) }
            #expect(
                try await bench.login(try await bench.order(user, limit: 3, behavior: .deny), origin: nil)
                    .value == .limitReached(2050)
            )
            let outcome = try await bench.login(try await bench.order(user, limit: 3), origin: nil).value
            guard case .created(_, let evicted, nil) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(evicted.count == 2_048)
            #expect(try await bench.store.count() == 3)
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test(arguments: [1, 3, 10], SessionPolicy.LimitBehaviour.allCases)
    func racingLoginsKeepTheLimit(limit: Int, behavior: SessionPolicy.LimitBehaviour) async throws {
        try await StoreBench.run { bench in
            for number in 0..<5 {
                let user = try UserID("user\(number)")
                var created = 0
                var evicted = 0
                try await withThrowingTaskGroup(of: CreateOutcome.self) { group in
                    for _ in 0..<64 {
                        group.addTask {
                            let order = try await bench.order(user, limit: limit, behavior: behavior)
                            return try await bench.login(order, origin: nil).value
                        }
                    }
                    for try await outcome in group {
                        switch outcome {
                        case .created(_, let some, _):
                            created += 1
                            evicted += some.count
                        case .limitReached(let count): #expect(count == limit && behavior == .deny)
                        case .clock, .collision: Issue.record("\(outcome)")
                        }
                    }
                }
                #expect(created == (behavior == .deny ? limit : 64))
                #expect(created - evicted == limit)
                #expect(
                    try await bench.store.sessions(of: user, includeEnded: false, epoch: 0).count == limit
                )
            }
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }
}
