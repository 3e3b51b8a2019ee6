import SessionCore
import Synchronization

/// What a check answers while this node cannot reach Redis: "unavailable", or, where an installation has chosen
/// so, what the near-cache last knew, for a limited time after the lease.
final class OutageGrace: Sendable {
    private let grace: Duration
    private let cache: NearCacheShards
    private let clock: CheckClock
    private let unanswered = Atomic<UInt64>(0)

    init(grace: Duration, cache: NearCacheShards, clock: CheckClock) {
        self.grace = grace
        self.cache = cache
        self.clock = clock
    }

    /// How many checks were answered with "unavailable".
    var unavailable: UInt64 { self.unanswered.load(ordering: .relaxed) }

    func answer(_ token: Token, at now: MonotonicInstant) -> CheckResult {
        let lastLease = self.clock.lastLease
        if self.grace > .zero, lastLease > .distantPast, now < lastLease + self.grace,
            let time = self.clock.time(at: now),
            let value = self.cache.lookupDuringOutage(
                token.sessionID,
                digest: token.digest,
                now: time,
                epoch: self.clock.epoch
            )
        {
            return .active(value)
        }
        self.unanswered.add(1, ordering: .relaxed)
        return .unavailable
    }
}
