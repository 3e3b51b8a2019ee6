import SessionCore
import Synchronization

/// What every check reads of the node's coherence: lease, epoch and clock, as plain atomics that the coherence
/// coherence writes and any thread reads.
final class CheckClock: Sendable {
    private let leaseExpiry = Atomic<Int64>(MonotonicInstant.distantPast.nanoseconds)
    private let lastLeaseExpiry = Atomic<Int64>(MonotonicInstant.distantPast.nanoseconds)
    private let highestEpoch = Atomic<UInt64>(0)
    /// `Int64.min` until the first sample of Redis's clock.
    private let offset = Atomic<Int64>(.min)

    /// Whether the near-cache may answer at `now`, read after the request.
    @inline(__always)
    func isLeased(at now: MonotonicInstant) -> Bool {
        Lease.isAlive(until: self.lease, at: now)
    }

    /// When the lease runs out, or ran out.
    @inline(__always)
    var lease: MonotonicInstant {
        MonotonicInstant(nanoseconds: self.leaseExpiry.load(ordering: .acquiring))
    }

    /// When the last lease that was held ran out by itself, or would have.
    var lastLease: MonotonicInstant {
        MonotonicInstant(nanoseconds: self.lastLeaseExpiry.load(ordering: .relaxed))
    }

    func extendLease(to expiry: MonotonicInstant) {
        self.lastLeaseExpiry.store(expiry.nanoseconds, ordering: .relaxed)
        self.leaseExpiry.store(expiry.nanoseconds, ordering: .releasing)
    }

    func endLease() {
        self.leaseExpiry.store(MonotonicInstant.distantPast.nanoseconds, ordering: .releasing)
    }

    /// The highest epoch heard of; sessions of an earlier one are dead.
    var epoch: UInt64 { self.highestEpoch.load(ordering: .acquiring) }

    func raise(epoch: UInt64) { self.highestEpoch.max(epoch, ordering: .acquiringAndReleasing) }

    /// Redis's time, or `nil` while it is not known.
    @inline(__always)
    func time(at now: MonotonicInstant) -> Timestamp? {
        let offset = self.offset.load(ordering: .relaxed)
        guard offset != .min else { return nil }
        return Timestamp(milliseconds: (now.nanoseconds &+ offset) / 1_000_000)
    }

    func synchronize(offsetNanoseconds: Int64) { self.offset.store(offsetNanoseconds, ordering: .relaxed) }
}
