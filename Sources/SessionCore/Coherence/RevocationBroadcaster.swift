/// The revoker's side of a broadcast: waits until every node has acknowledged or cannot have a lease any more.
///
/// Order of events for one broadcast:
/// 1. ``begin(at:)`` *before* the script is sent, because acknowledgements may overtake the script's own reply;
/// 2. the script deletes, records and publishes;
/// 3. *then* `nodes` is read, and ``nodesRead(_:nodes:at:)`` told. Whoever registers later has subscribed after
///    the publication or has it before its first echo, so it cannot have a copy;
/// 4. ``acknowledged(_:by:at:)`` and ``advance(to:)`` until ``Action/complete(_:_:)``.
package struct RevocationBroadcaster: Sendable {
    /// A node's entry in `nodes`, as one script read it.
    package struct NodeLease: Sendable, Equatable {
        package let node: NodeID
        /// What was left of its lease, on Redis's clock, when the entry was read.
        package let remaining: Duration

        package init(node: NodeID, remaining: Duration) {
            self.node = node
            self.remaining = remaining
        }
    }

    package struct Outcome: Sendable, Equatable {
        package let nodes: Int
        package let applied: Int
        package let lapsed: Int
        package let duration: Duration

        package init(nodes: Int, applied: Int, lapsed: Int, duration: Duration) {
            self.nodes = nodes
            self.applied = applied
            self.lapsed = lapsed
            self.duration = duration
        }
    }

    package enum Action: Sendable, Equatable {
        case complete(UInt64, Outcome)
    }

    private struct Pending {
        let startedAt: MonotonicInstant
        var acknowledged: Set<NodeID> = []
        /// `nil` until `nodes` has been read.
        var waiting: [NodeID: MonotonicInstant]?
        var listed: Set<NodeID> = []
    }

    private var pending: [UInt64: Pending] = [:]
    private var nextNumber: UInt64 = 1
    private var notBefore = MonotonicInstant.distantPast

    package init() {}

    /// The commands now go to another Redis, or to the first one. It may have lost entries of `nodes`, or judge
    /// them by another wall clock, so a node that it does not list may hold a lease given before. Nothing
    /// completes until such a lease would be over.
    package mutating func serverChanged(at now: MonotonicInstant, leaseLength: Duration) {
        self.notBefore = max(self.notBefore, now + leaseLength)
    }

    /// How many broadcasts are under way.
    package var count: Int { self.pending.count }

    /// Starts a broadcast; returns its number, to be put into the message as origin.
    package mutating func begin(at now: MonotonicInstant) -> UInt64 {
        let number = self.nextNumber
        self.nextNumber += 1
        self.pending[number] = Pending(startedAt: now)
        return number
    }

    /// `nodes` was read after the publication.
    /// - Parameter now: when the answer *arrived*: what was left of a lease was left at that time or before.
    package mutating func nodesRead(
        _ number: UInt64,
        nodes: [NodeLease],
        at now: MonotonicInstant
    ) -> [Action] {
        guard var broadcast = self.pending[number], broadcast.waiting == nil else { return [] }
        var waiting: [NodeID: MonotonicInstant] = [:]
        for lease in nodes where lease.remaining > .zero {
            broadcast.listed.insert(lease.node)
            if !broadcast.acknowledged.contains(lease.node) { waiting[lease.node] = now + lease.remaining }
        }
        broadcast.waiting = waiting
        self.pending[number] = broadcast
        return self.settle(number, at: now)
    }

    /// A node says that it has applied the broadcast.
    package mutating func acknowledged(
        _ number: UInt64,
        by node: NodeID,
        at now: MonotonicInstant
    ) -> [Action] {
        guard var broadcast = self.pending[number], broadcast.acknowledged.insert(node).inserted else {
            return []
        }
        broadcast.waiting?[node] = nil
        self.pending[number] = broadcast
        return self.settle(number, at: now)
    }

    /// Lets time pass: leases that are over need no acknowledgement.
    package mutating func advance(to now: MonotonicInstant) -> [Action] {
        var actions: [Action] = []
        for number in self.pending.keys.sorted() { actions += self.settle(number, at: now) }
        return actions
    }

    /// When ``advance(to:)`` has something to do next.
    package var nextDeadline: MonotonicInstant? {
        self.pending.values.compactMap { broadcast in
            broadcast.waiting.map { max($0.values.min() ?? self.notBefore, self.notBefore) }
        }.min()
    }

    /// Gives a broadcast up: the command failed, or nobody waits any more.
    package mutating func abandon(_ number: UInt64) { self.pending[number] = nil }

    private mutating func settle(_ number: UInt64, at now: MonotonicInstant) -> [Action] {
        guard var broadcast = self.pending[number], let waiting = broadcast.waiting else { return [] }
        let open = waiting.filter { $0.value > now }
        broadcast.waiting = open
        self.pending[number] = broadcast
        guard open.isEmpty, now >= self.notBefore else { return [] }
        self.pending[number] = nil
        // A node may have acknowledged without standing in the list (it was just starting); it counts.
        let nodes = broadcast.listed.union(broadcast.acknowledged).count
        return [
            .complete(
                number,
                Outcome(
                    nodes: nodes,
                    applied: broadcast.acknowledged.count,
                    lapsed: nodes - broadcast.acknowledged.count,
                    duration: now - broadcast.startedAt
                )
            )
        ]
    }
}
