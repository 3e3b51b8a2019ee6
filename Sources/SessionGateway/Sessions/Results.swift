public import SessionCore

/// A new session, its token, and what it cost.
public struct CreatedSession: Sendable {
    /// The session.
    public let session: LiveSession
    /// The token; it is told here and never again.
    public let token: Token
    /// Sessions that had to go because of the limit, oldest first.
    public let evicted: [SessionID]
    /// The session whose token was sent along with the login.
    public let replaced: SessionID?
    /// That every node refuses what was evicted and replaced; `nil` when nothing was.
    public let receipt: RevocationReceipt?
}

/// A session with its next token.
public struct RotatedSession: Sendable {
    /// The session.
    public let session: LiveSession
    /// The token to use from now on.
    public let token: Token
    /// Whether the token had been rotated before and this is the same successor once more.
    public let isRepeat: Bool
}

/// Whether a token is to be replaced by its age.
public enum RotationState: Sendable, Equatable {
    /// No interval is set.
    case off
    /// Not before this time.
    case fresh(until: Timestamp)
    /// Now.
    case due
}

/// Changes to a session; `nil` leaves a field as it is.
public struct SessionChange: Sendable, Equatable {
    /// A new name for the session.
    public var sessionName: String?
    /// New roles.
    public var roles: [String]?
    /// A new organisation.
    public var organization: String?
    /// New factors; sets the time of authentication to now.
    public var factors: [String]?
    /// Factors that were used just now, beside those of before: a step-up. Sets the time of authentication to now.
    /// Of more than 8 in all the last ones stay.
    public var addedFactors: [String]?
    /// The user has authenticated just now, with the same factors.
    public var reauthenticated = false
    /// Counts as activity: the idle timeout starts anew.
    public var extend = false

    /// Changes nothing.
    public init() {}
}

/// The JSON document kept with a session.
public struct SessionData: Sendable, Equatable {
    /// Counts its changes, from 1.
    public let version: Int
    /// The document.
    public let json: String

    /// Puts a document together.
    public init(version: Int, json: String) {
        self.version = version
        self.json = json
    }
}

/// A gateway node as the others see it.
public struct NodeStatus: Sendable {
    /// The run of the process.
    public let id: NodeID
    /// Host and port, or what it was told to be called.
    public let name: String
    /// Version of Portcullis.
    public let version: String
    /// When it started, on its own clock.
    public let startedAt: Timestamp
    /// What is left of its lease; zero when it is over.
    public let leaseRemaining: Duration
    /// Whether it is the node that was asked.
    public let isSelf: Bool

    /// Whether it holds a lease.
    public var isLive: Bool { self.leaseRemaining > .zero }
}

/// What tidying up has done.
public struct CleanupReport: Sendable, Equatable {
    /// Expired sessions that were filed as ended.
    public var expired = 0
    /// Ended sessions past their retention that were forgotten.
    public var forgotten = 0
    /// Index entries and counters that were wrong and are mended.
    public var repaired = 0

    /// Nothing done.
    public init() {}
}

/// Counters of one node since its start, and its present state.
public struct GatewayStatistics: Sendable {
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
