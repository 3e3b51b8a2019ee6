import NIOCore
import RedisClient
import SessionCore

/// A walk over the sessions that a filter means: active ones by creation, then ended ones by their end. Reads the
/// indexes and details piece by piece, as far as it is asked to go.
struct SessionWalk {
    /// What a step looked at.
    struct Step {
        /// The matching ones, in order.
        var matches: [(place: ListCursor.Place, overview: SessionOverview)] = []
        /// Where the step ended.
        let place: ListCursor.Place
        let part: ListCursor.Part
    }

    private let store: RedisSessionStore
    private let filter: SessionFilter
    private let isAscending: Bool
    private let epoch: UInt64
    private let chunk: Int
    private var start: ListCursor.Place?
    private var listing: MergedListing?
    private var condition: RawCondition?
    /// `nil` at the end.
    private(set) var part: ListCursor.Part?

    /// - Parameters:
    ///   - cursor: where to begin.
    ///   - expected: about how many sessions will be looked at.
    init(
        _ store: RedisSessionStore,
        _ filter: SessionFilter,
        isAscending: Bool = false,
        epoch: UInt64,
        from cursor: ListCursor? = nil,
        expected: Int
    ) {
        self.store = store
        self.filter = filter
        self.isAscending = isAscending
        self.epoch = epoch
        let sources = filter.user == nil ? Int(Partition.count) : 1
        self.chunk = min(MergedListing.largestChunk, 2 * (max(0, expected) / sources) + 4)
        self.start = cursor?.after
        self.begin(cursor?.part ?? .active)
        if self.part == .active, !filter.includesActive { self.begin(.ended) }
        if self.part == .ended, !filter.includesEnded { self.part = nil }
    }

    /// Whether all that stands in the index of the present part is meant, so that nothing need be read to count it.
    var isExact: Bool {
        switch self.part {
        case .active: !self.filter.looksAtDetails
        case .ended:
            self.filter.isUnconditional
                && EndKind.allCases.allSatisfy { self.filter.statuses.contains(.ended($0)) }
        case nil: true
        }
    }

    /// Passes over index entries of the present part without looking at them.
    /// - Returns: how many there were; fewer than `count` when the part is over.
    mutating func pass(_ count: Int) async throws(StoreError) -> Int {
        var passed = 0
        while passed < count, try await self.nextEntry() != nil { passed += 1 }
        return passed
    }

    /// Looks at up to `count` sessions of one part; `nil` at the end of the walk.
    mutating func step(_ count: Int) async throws(StoreError) -> Step? {
        while let part = self.part {
            var places: [ListCursor.Place] = []
            while places.count < count, let place = try await self.nextEntry() { places.append(place) }
            guard let last = places.last else {
                self.advance()
                continue
            }
            var step = Step(place: last, part: part)
            step.matches = try await self.look(at: places, in: part)
            return step
        }
        return nil
    }

    /// Goes on to the next part.
    mutating func advance() {
        guard self.part == .active, self.filter.includesEnded else {
            self.part = nil
            return
        }
        self.start = nil
        self.begin(.ended)
    }

    private mutating func begin(_ part: ListCursor.Part) {
        self.part = part
        self.listing = nil
        self.condition = RawCondition(self.filter, in: part)
    }

    // MARK: Index

    private mutating func nextEntry() async throws(StoreError) -> ListCursor.Place? {
        guard let part = self.part else { return nil }
        if self.listing == nil { self.listing = self.listing(of: part) }
        while true {
            switch self.listing?.next() {
            case .end, nil: return nil
            case .entry(let place): return self.isBeyond(place, in: part) ? nil : place
            case .need(let requests):
                let replies = try await self.store.pipeline(
                    requests.map { self.command(for: $0, in: part) },
                    timeout: self.store.walkTimeout
                )
                for (request, reply) in zip(requests, replies) {
                    self.listing?.supply(request, try Self.entries(in: reply, request.partition))
                }
            }
        }
    }

    /// The score of an active session is its creation; that of an ended one its end, which cannot be before it.
    private func listing(of part: ListCursor.Part) -> MergedListing {
        var start = self.start
        if self.isAscending, let since = self.filter.since {
            let first = ListCursor.Place.end(of: since.milliseconds - 1)
            start = start.map { max($0, first) } ?? first
        } else if !self.isAscending, part == .active, let until = self.filter.until {
            let first = ListCursor.Place.start(of: until.milliseconds)
            start = start.map { min($0, first) } ?? first
        }
        return MergedListing(
            partitions: self.filter.user.map { [Partition(of: $0)] } ?? Partition.all,
            chunk: self.condition == nil ? self.chunk : max(self.chunk, 16),
            isAscending: self.isAscending,
            after: start
        )
    }

    private func isBeyond(_ place: ListCursor.Place, in part: ListCursor.Part) -> Bool {
        if self.isAscending {
            guard part == .active, let until = self.filter.until else { return false }
            return place.score >= until.milliseconds
        }
        return self.filter.since.map { place.score < $0.milliseconds } ?? false
    }

    private func command(for request: MergedListing.Request, in part: ListCursor.Part) -> RedisCommand {
        let key: RedisKey
        switch (part, self.filter.user) {
        case (.active, .some(let user)): key = self.store.keys.sessions(of: user)
        case (.active, nil): key = self.store.keys.all(request.partition)
        case (.ended, _): key = self.store.keys.ended(request.partition)
        }
        let from = request.after.map { String($0.score) }
        return RedisCommand(self.isAscending ? "ZRANGEBYSCORE" : "ZREVRANGEBYSCORE").key(key)
            .arg(from ?? (self.isAscending ? "-inf" : "+inf")).arg(self.isAscending ? "+inf" : "-inf")
            .arg("WITHSCORES").arg("LIMIT").arg(0).arg(request.count)
    }

    static func entries(
        in reply: RedisValue,
        _ partition: Partition
    ) throws(StoreError) -> [ListCursor.Place] {
        let elements = try reply.answer(of: "ZRANGEBYSCORE")
        var entries: [ListCursor.Place] = []
        for index in stride(from: 0, to: elements.count - 1, by: 2) {
            guard let key = elements[index].string, let id = SessionID(partition: partition, key: key),
                let score = elements[index + 1].string.flatMap({ Self.score($0) })
            else { throw .corrupt("index of partition \(partition.index)") }
            entries.append(ListCursor.Place(score: score, id: id))
        }
        return entries
    }

    /// Redis writes scores as doubles; some versions write round ones with an exponent.
    private static func score(_ text: String) -> Int64? {
        Int64(text) ?? Double(text).flatMap { Int64(exactly: $0) }
    }

    // MARK: Details

    private func look(
        at places: [ListCursor.Place],
        in part: ListCursor.Part
    ) async throws(StoreError) -> [(place: ListCursor.Place, overview: SessionOverview)] {
        let candidates = try await self.candidates(places)
        var matches: [(place: ListCursor.Place, overview: SessionOverview)] = []
        var ranOut: [SessionID] = []
        var orphans: [SessionID] = []
        let found = try await self.store.read(candidates.map(\.id), epoch: self.epoch)
        for (place, found) in zip(candidates, found) {
            switch (part, found) {
            case (.active, .active(let overview)), (.ended, .ended(let overview)):
                if self.filter.matches(overview) { matches.append((place, overview)) }
            case (.active, .ended(let overview)):
                // What has just ended stands in the other part already. What everyone's revocation has ended
                // stands here until the sweep comes by.
                if overview.session.hasEnded(by: self.epoch), self.filter.matches(overview) {
                    matches.append((place, overview))
                }
            case (.active, .unknown):
                ranOut.append(place.id)
                orphans.append(place.id)
            case (.active, .ranOut): ranOut.append(place.id)
            case (.ended, _): break
            }
        }
        await self.store.finalize(ranOut)
        if let user = self.filter.user, !orphans.isEmpty { try await self.store.forget(orphans, of: user) }
        return matches
    }

    /// Those whose records the filter may match.
    private func candidates(_ places: [ListCursor.Place]) async throws(StoreError) -> [ListCursor.Place] {
        guard let condition else { return places }
        let replies = try await self.store.pipeline(
            places.map { RedisCommand("GET").key(self.store.keys.details($0.id)) },
            timeout: self.store.walkTimeout
        )
        var candidates: [ListCursor.Place] = []
        for (place, reply) in zip(places, replies) {
            switch try reply.orThrow() {
            case .bulk(let buffer):
                if buffer.withUnsafeReadableBytes({ condition.mayMatch($0) }) { candidates.append(place) }
            // Without details it matches nothing, but may have to be tidied up.
            case .null, .simple, .integer, .array, .error: candidates.append(place)
            }
        }
        return candidates
    }
}
