public import SessionCore

/// Counters of one node since its start, and its present state.
public struct NodeStatistics: Sendable {
    /// Checks answered from the near-cache.
    public var hits: UInt64 = 0
    /// Look-ups in the near-cache that found nothing usable.
    public var misses: UInt64 = 0
    /// Refused checks by reason.
    public var refused: [Refusal: UInt64] = [:]
    /// Checks answered with "unavailable".
    public var unavailable: UInt64 = 0
    /// Sessions created.
    public var created: UInt64 = 0
    /// Sessions ended to make room for others.
    public var evicted: UInt64 = 0
    /// Sessions ended by request.
    public var ended: UInt64 = 0
    /// Tokens rotated.
    public var rotated: UInt64 = 0
    /// Entries that this node has brought into the audit log.
    public var auditEntries: UInt64 = 0
    /// Events that this node found lost on their way to the audit log.
    public var auditLost: UInt64 = 0
    /// Refused attempts that were counted instead of recorded, because there were too many.
    public var refusalsDropped: UInt64 = 0
    /// Touches sent to Redis.
    public var touches: UInt64 = 0
    /// Entries of timelines that were recorded.
    public var activityRecorded: UInt64 = 0
    /// Entries of timelines that were not: there were too many at a time, or Redis did not take them.
    public var activityDropped: UInt64 = 0
    /// Broadcasts of other nodes applied here.
    public var appliedBroadcasts: UInt64 = 0
    /// How long the last receipt took, in milliseconds.
    public var lastReceiptMilliseconds: Double = 0
    /// Sessions in the near-cache.
    public var nearCacheCount = 0
    /// What is left of the lease.
    public var leaseRemaining: Duration = .zero
    /// Whether the revocation channel is heard.
    public var isSubscribed = false
    /// Whether the node can serve.
    public var isReady = false
    /// Who listens to the stream of events.
    public var eventListeners = 0
    /// Events handed to listeners.
    public var eventsHandedOut: UInt64 = 0
    /// Listeners that were cut off because they did not keep up.
    public var eventListenersCutOff = 0

    /// All zero.
    public init() {}
}
