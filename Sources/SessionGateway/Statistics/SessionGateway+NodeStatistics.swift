import SessionCore
import Synchronization

extension SessionGateway {
    /// What this node has done since its start, and how it is.
    public var nodeStatistics: NodeStatistics {
        let now = MonotonicClock.now()
        let cache = self.cache.figures
        var statistics = NodeStatistics()
        statistics.hits = cache.hits
        statistics.misses = cache.misses
        for refusal in Refusal.allCases { statistics.refused[refusal] = self.refusals[refusal] }
        statistics.unavailable = self.outage.unavailable
        statistics.created = self.counters.created.load(ordering: .relaxed)
        statistics.evicted = self.counters.evicted.load(ordering: .relaxed)
        statistics.ended = self.counters.ended.load(ordering: .relaxed)
        statistics.rotated = self.counters.rotated.load(ordering: .relaxed)
        statistics.auditEntries = self.relay.appended.load(ordering: .relaxed)
        statistics.auditLost = self.relay.lost.load(ordering: .relaxed)
        statistics.refusalsDropped = self.refusedAttempts.droppedTotal.load(ordering: .relaxed)
        statistics.touches = self.touches.sent
        statistics.activityRecorded = self.activity.recorded
        statistics.activityDropped = self.activity.dropped
        statistics.appliedBroadcasts = self.coherence.appliedBroadcasts
        statistics.lastReceiptMilliseconds = Double(self.counters.lastReceipt.load(ordering: .relaxed)) / 1000
        statistics.nearCacheCount = cache.count
        let lease = self.clock.lease
        statistics.leaseRemaining = lease > now ? lease - now : .zero
        statistics.isSubscribed = self.coherence.isSubscribed
        statistics.isReady = self.isReady
        let feed = self.feed.figures
        statistics.eventListeners = feed.listeners
        statistics.eventsHandedOut = feed.handedOut
        statistics.eventListenersCutOff = feed.cutOff
        return statistics
    }
}
