import RedisClient
import SessionCore
import SessionStore
import StoreTestSupport
import Testing

@Suite struct RotateTests {
    private let grace = Duration.seconds(10)

    @Test func aRetryGetsTheSameSuccessor() async throws {
        try await StoreBench.run { bench in
            let session = try await bench.create(try await bench.order(try UserID("bob"), verifier: 1))
            let (one, two) = (try StoreBench.digest(1), try StoreBench.digest(2))
            let before = try #require(
                try await bench.redis("PTTL", bench.store.keys.live(session.id).description).int
            )
            for outcome in [RotateOutcome.rotated(session), .again(session), .again(session)] {
                let result = try await bench.store.rotate(
                    session.id,
                    presented: one,
                    successor: two,
                    grace: self.grace,
                    epoch: 0,
                    origin: nil
                )
                #expect(result.value == outcome)
            }
            let record = try #require(try await bench.record(session.id))
            #expect(record.verifierDigest == two)
            #expect(record.previousDigest == one)
            #expect(record.session == session)
            let now = try await bench.now()
            #expect(record.match(one, at: now) == .grace)
            #expect(record.match(one, at: now + .seconds(11)) == .reused)
            let after = try #require(
                try await bench.redis("PTTL", bench.store.keys.live(session.id).description).int
            )
            #expect(after <= before && after > before - 5000)
            // And on: the record does not grow.
            let length = try await bench.redis("STRLEN", bench.store.keys.live(session.id).description)
            let three = try StoreBench.digest(3)
            #expect(
                try await bench.store.rotate(
                    session.id,
                    presented: two,
                    successor: three,
                    grace: self.grace,
                    epoch: 0,
                    origin: nil
                ).value == .rotated(session)
            )
            #expect(try await bench.redis("STRLEN", bench.store.keys.live(session.id).description) == length)
            let events = try await bench.store.events(in: session.id.partition, after: nil, limit: 10)
            #expect(events.map(\.record.kind) == ["created", "rotated", "rotated"])
        }
    }

    @Test func anOldTokenEndsTheSession() async throws {
        try await StoreBench.run { bench in
            let digests = try (1...4).map { try StoreBench.digest($0) }
            for late in [false, true] {
                let session = try await bench.create(try await bench.order(try UserID("bob"), verifier: 1))
                func rotate(_ presented: Int, _ successor: Int) async throws -> RotateOutcome {
                    // A grace that is over when the script has run, or a token two rotations old.
                    try await bench.store.rotate(
                        session.id,
                        presented: digests[presented],
                        successor: digests[successor],
                        grace: late ? .milliseconds(-1) : self.grace,
                        epoch: 0,
                        origin: nil
                    ).value
                }
                #expect(try await rotate(0, 1) == .rotated(session))
                if !late { #expect(try await rotate(1, 2) == .rotated(session)) }
                #expect(try await rotate(0, 1) == .reused)
                #expect(try await rotate(0, 1) == .gone)
                #expect(try await bench.record(session.id) == nil)
                let overview = try #require(try await bench.store.session(session.id, epoch: 0))
                #expect(overview.end?.ending.kind == .tokenReused)
            }
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func anotherSuccessorWithinTheGraceIsAnError() async throws {
        try await StoreBench.run { bench in
            let session = try await bench.create(try await bench.order(try UserID("bob"), verifier: 1))
            let digests = try (1...3).map { try StoreBench.digest($0) }
            _ = try await bench.store.rotate(
                session.id,
                presented: digests[0],
                successor: digests[1],
                grace: self.grace,
                epoch: 0,
                origin: nil
            )
            await #expect(throws: StoreError.self) {
                try await bench.store.rotate(
                    session.id,
                    presented: digests[0],
                    successor: digests[2],
                    grace: self.grace,
                    epoch: 0,
                    origin: nil
                )
            }
            #expect(try await bench.record(session.id)?.verifierDigest == digests[1])
        }
    }

    @Test func aCheckThatSawAWrongVerifierLooksAgain() async throws {
        try await StoreBench.run { bench in
            let session = try await bench.create(try await bench.order(try UserID("bob"), verifier: 1))
            let digests = try (1...3).map { try StoreBench.digest($0) }
            _ = try await bench.store.rotate(
                session.id,
                presented: digests[0],
                successor: digests[1],
                grace: self.grace,
                epoch: 0,
                origin: nil
            )
            func reuse(_ digest: Int) async throws -> Bool {
                try await bench.store.endReused(session.id, presented: digests[digest], origin: nil).value
            }
            #expect(try await !reuse(1))
            #expect(try await !reuse(0))
            #expect(try await bench.record(session.id) != nil)
            #expect(try await reuse(2))
            #expect(try await !reuse(2))
            #expect(try await bench.store.session(session.id, epoch: 0)?.end?.ending.kind == .tokenReused)
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func unreadableRecordsAreNotRotated() async throws {
        try await StoreBench.run { bench in
            let session = try await bench.create(try await bench.order(try UserID("bob"), verifier: 1))
            try await bench.redis("SET", bench.store.keys.live(session.id).description, "rubbish")
            let digest = try StoreBench.digest(1)
            await #expect(throws: StoreError.corrupt("CORRUPT live record \(session.id)")) {
                try await bench.store.rotate(
                    session.id,
                    presented: digest,
                    successor: digest,
                    grace: self.grace,
                    epoch: 0,
                    origin: nil
                )
            }
            await #expect(throws: StoreError.corrupt("CORRUPT live record \(session.id)")) {
                try await bench.store.endReused(session.id, presented: digest, origin: nil)
            }
            await #expect(throws: StoreError.corrupt("CORRUPT session \(session.id)")) {
                try await bench.store.update(session.id, UpdateOrder(extend: true), epoch: 0, origin: nil)
            }
            await #expect(throws: StoreError.self) {
                try await bench.store.setData("{}", of: session.id, expecting: nil, epoch: 0)
            }
        }
    }

    @Test func oneOfManyWins() async throws {
        try await StoreBench.run { bench in
            let (one, two) = (try StoreBench.digest(1), try StoreBench.digest(2))
            for number in 0..<50 {
                let session = try await bench.create(
                    try await bench.order(try UserID("u\(number)"), verifier: 1)
                )
                let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for _ in 0..<10 {
                        group.addTask {
                            let result = try await bench.store.rotate(
                                session.id,
                                presented: one,
                                successor: two,
                                grace: .seconds(60),
                                epoch: 0,
                                origin: nil
                            )
                            if case .rotated = result.value { return true }
                            #expect(result.value == .again(session))
                            return false
                        }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(winners == 1)
            }
        }
    }
}
