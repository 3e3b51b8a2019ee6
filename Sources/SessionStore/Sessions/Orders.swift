package import SessionCore

/// What comes with a change that was published: the nodes that may have to acknowledge it.
package struct Published<Value: Sendable>: Sendable {
    /// What came of the change.
    package let value: Value
    /// The live nodes, read after the publication and on the same connection; empty when nothing was
    /// published.
    package let nodes: [RevocationBroadcaster.NodeLease]

    package init(_ value: Value, nodes: [RevocationBroadcaster.NodeLease]) {
        self.value = value
        self.nodes = nodes
    }
}

/// Everything a new session is made of.
package struct CreateOrder: Sendable {
    /// What was asked for, validated; with the token's suffix in the details.
    package var request: NewSession
    /// The id that the token carries; its partition must be the user's.
    package var id: SessionID
    package var verifierDigest: Digest256
    package var idleTimeout: Duration
    /// A whole second, as in the token.
    package var absoluteDeadline: Timestamp
    /// The gateway's estimate of Redis's time, from which the deadline was computed.
    package var now: Timestamp
    package var epoch: UInt64
    /// The most sessions the user may have; 0 is unlimited.
    package var limit: Int
    package var behavior: SessionPolicy.LimitBehaviour
    /// A session of the same partition whose token came along with the login, whoever's it is.
    package var replacing: SessionID?
    /// Who asked for it, for the log.
    package var actor: String?

    package init(
        request: NewSession,
        id: SessionID,
        verifierDigest: Digest256,
        idleTimeout: Duration,
        absoluteDeadline: Timestamp,
        now: Timestamp,
        epoch: UInt64,
        limit: Int,
        behavior: SessionPolicy.LimitBehaviour,
        replacing: SessionID?,
        actor: String? = nil
    ) {
        self.request = request
        self.id = id
        self.verifierDigest = verifierDigest
        self.idleTimeout = idleTimeout
        self.absoluteDeadline = absoluteDeadline
        self.now = now
        self.epoch = epoch
        self.limit = limit
        self.behavior = behavior
        self.replacing = replacing
        self.actor = actor
    }
}

/// What came of a ``CreateOrder``.
package enum CreateOutcome: Sendable, Equatable {
    /// The session is there. `evicted` were ended for the limit, `replaced` because its token came with the
    /// login.
    case created(LiveSession, evicted: [SessionID], replaced: SessionID?)
    /// The user has this many live sessions; nothing was written.
    case limitReached(Int)
    /// The estimate was off by more than 2 s; this is Redis's time. Nothing was written.
    case clock(Timestamp)
    /// The id is taken. Nothing was written.
    case collision
}

/// What came of a rotation.
package enum RotateOutcome: Sendable, Equatable {
    /// The successor's verifier is the present one now.
    case rotated(LiveSession)
    /// It was already: a retry, or a second tab, within the grace.
    case again(LiveSession)
    /// Spaced, and the token presented is not older than the grace of the last rotation; nothing was changed.
    case recent(LiveSession)
    /// An old token: the session has been ended.
    case reused
    /// There is no such session.
    case gone
}

/// Whose session an order means; others are left alone.
package enum SessionOwner: Sendable, Equatable {
    case user(UserID)
    /// Compared as bytes.
    case organization(String)
}

/// What an order to end found.
package enum EndOutcome: Sendable, Equatable {
    /// A live session, ended now.
    case ended
    /// Nothing alive.
    case gone
    /// Another user's or organization's session, or none that is known; left alone.
    case foreign
}

/// Changes of an active session; `nil` leaves a field as it is, an empty text takes it away.
package struct UpdateOrder: Sendable {
    package var sessionName: String?
    package var roles: [String]?
    package var organization: String?
    /// New factors; the time of authentication becomes now.
    package var factors: [String]?
    /// Factors beside those that there are; the time of authentication becomes now.
    package var addedFactors: [String]?
    /// The time of authentication becomes now, also without new factors.
    package var reauthenticated: Bool
    /// Starts the idle timeout anew.
    package var extend: Bool

    package init(
        sessionName: String? = nil,
        roles: [String]? = nil,
        organization: String? = nil,
        factors: [String]? = nil,
        addedFactors: [String]? = nil,
        reauthenticated: Bool = false,
        extend: Bool = false
    ) {
        self.sessionName = sessionName
        self.roles = roles
        self.organization = organization
        self.factors = factors
        self.addedFactors = addedFactors
        self.reauthenticated = reauthenticated
        self.extend = extend
    }
}

/// A gateway node as Redis knows it.
package struct NodeEntry: Sendable, Equatable {
    package let node: NodeID
    /// What is left of its lease; negative when it is over.
    package let remaining: Duration
    /// What the node says of itself: JSON.
    package let information: String
}

/// The application's document of a session.
package struct SessionDocument: Sendable, Equatable {
    /// 1 for the first one, one more with each change.
    package let version: Int
    package let json: String

    package init(version: Int, json: String) {
        self.version = version
        self.json = json
    }
}

/// What came of writing a document.
package enum SetDataOutcome: Sendable, Equatable {
    /// Written; its version.
    case written(Int)
    /// Somebody else was faster; nothing was written.
    case conflict(present: Int)
    /// There is no such session.
    case gone
}

/// What a janitor round did.
package struct JanitorReport: Sendable, Equatable {
    /// Sessions found to have run out.
    package var expired = 0
    /// Ended sessions older than the retention, let go of.
    package var forgotten = 0

    package init(expired: Int = 0, forgotten: Int = 0) {
        self.expired = expired
        self.forgotten = forgotten
    }
}

/// What a repair of the indexes did.
package struct RepairReport: Sendable, Equatable {
    /// Entries without a live record.
    package var expired = 0
    /// Entries that a live record lacked, and counters that were wrong.
    package var repaired = 0

    package init(expired: Int = 0, repaired: Int = 0) {
        self.expired = expired
        self.repaired = repaired
    }
}
