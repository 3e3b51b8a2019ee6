/// A node's permission to answer from its near-cache.
///
/// The node sends a heartbeat; one script writes the node's entry in `nodes` (good for the lease's length from
/// then) and publishes a ping to the node. When the ping comes back *over the subscription*, everything that was
/// published before it has been applied, and the lease runs to the time at which that heartbeat was **sent**
/// plus length − margin: earlier, on every clock, than the entry that revokers read. A subscription that is
/// dead, stopped, cut off or slow therefore loses the lease by itself.
public struct Lease: Sendable {
    /// Length and safety margin.
    public struct Configuration: Sendable, Equatable {
        /// How long a revoker waits for a silent node. 50 ms to 60 s.
        public var length: Duration
        /// What the node gives up at the end, for clocks that run at different speeds.
        public var margin: Duration

        /// - Parameters:
        ///   - length: 500 ms unless told otherwise.
        ///   - margin: a 50th of the length unless told otherwise.
        public init(length: Duration = .milliseconds(500), margin: Duration? = nil) {
            self.length = length
            self.margin = margin ?? length / 50
        }

        /// How often a heartbeat is sent.
        public var heartbeatInterval: Duration { self.length / 4 }
    }

    /// What to do after an event.
    package enum Action: Sendable, Equatable {
        /// The lease now runs to this instant.
        case extend(MonotonicInstant)
        /// Nothing changes.
        case none
    }

    private let configuration: Configuration
    private var nextSequence: UInt64 = 1
    private var outstanding: [(sequence: UInt64, sentAt: MonotonicInstant)] = []
    /// When the lease runs out; ``MonotonicInstant/distantPast`` when none is held.
    package private(set) var expiry = MonotonicInstant.distantPast

    /// No lease is held at first.
    package init(configuration: Configuration) { self.configuration = configuration }

    /// A heartbeat is about to be sent.
    /// - Parameter now: read *before* the command is handed on, so that whatever delays it shortens the lease.
    /// - Returns: the sequence number for the ping to carry.
    package mutating func heartbeat(at now: MonotonicInstant) -> UInt64 {
        let sequence = self.nextSequence
        self.nextSequence += 1
        // An echo later than the lease's length could extend nothing.
        self.outstanding.removeAll { $0.sentAt + self.configuration.length < now }
        self.outstanding.append((sequence, now))
        return sequence
    }

    /// A ping has come back over the subscription.
    package mutating func echo(sequence: UInt64) -> Action {
        guard let index = self.outstanding.firstIndex(where: { $0.sequence == sequence }) else {
            return .none
        }
        let sentAt = self.outstanding[index].sentAt
        self.outstanding.removeSubrange(...index)
        let expiry = MonotonicInstant(
            nanoseconds: sentAt.nanoseconds
                + (self.configuration.length - self.configuration.margin).inNanoseconds
        )
        guard expiry > self.expiry else { return .none }
        self.expiry = expiry
        return .extend(expiry)
    }

    /// The subscription is gone, or the server is another one: messages may have been missed, so the lease ends
    /// now and echoes still on their way count no more.
    package mutating func revoke() {
        self.expiry = .distantPast
        self.outstanding.removeAll()
    }

    /// Whether the near-cache may answer at `now` under a lease that runs to `expiry`: the one rule, which nodes and the
    /// simulator ask. `now` must have been read after the request.
    @inlinable
    @inline(__always)
    package static func isAlive(until expiry: MonotonicInstant, at now: MonotonicInstant) -> Bool {
        now.nanoseconds < expiry.nanoseconds
    }
}
