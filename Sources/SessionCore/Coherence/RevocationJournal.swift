import DequeModule

/// The endings a node has heard of lately, to be applied again to a Redis that may have lost them: replication
/// is asynchronous, and what a failover or a restart forgets must not come back to life (docs/architecture.md).
package struct RevocationJournal: Sendable {
    /// How long an ending is kept.
    package static let lifetime: Duration = .seconds(15 * 60)

    private var entries: Deque<(id: SessionID, at: MonotonicInstant)> = []
    private let capacity: Int
    /// The highest epoch heard of.
    package private(set) var epoch: UInt64 = 0

    /// - Parameter capacity: how many endings are kept at most; beyond it the oldest are dropped.
    package init(capacity: Int = 1_000_000) { self.capacity = max(1, capacity) }

    package mutating func record(_ ids: [SessionID], at now: MonotonicInstant) {
        self.prune(at: now)
        for id in ids { self.entries.append((id, now)) }
        if self.entries.count > self.capacity { self.entries.removeFirst(self.entries.count - self.capacity) }
    }

    /// - Returns: whether the epoch is higher than any before.
    package mutating func raise(epoch: UInt64) -> Bool {
        guard epoch > self.epoch else { return false }
        self.epoch = epoch
        return true
    }

    /// What to end again, oldest first.
    package mutating func sessions(at now: MonotonicInstant) -> [SessionID] {
        self.prune(at: now)
        return self.entries.map(\.id)
    }

    package var count: Int { self.entries.count }

    private mutating func prune(at now: MonotonicInstant) {
        while let first = self.entries.first, first.at + Self.lifetime < now { self.entries.removeFirst() }
    }
}
