/// What people look at in a session, beyond what a check needs: kept beside the live record, and for the
/// retention time after the session's end.
public struct SessionDetails: Sendable, Equatable {
    /// The name to show for the user.
    public var displayName: String?
    /// The user's e-mail address.
    public var email: String?
    /// A name for the session, given by the application or the user.
    public var sessionName: String?
    /// `password`, `otp`, `sso`, `api-key`, …
    public var loginMethod: String?
    /// The client's IP address, version 4 or 6, as the application or a trusted proxy told it. With a new session it may
    /// have a port, which is not kept. Sessions of earlier versions may have any text of up to 64 bytes.
    public var ipAddress: String?
    /// The client's `User-Agent`, at most 512 bytes.
    public var userAgent: String?
    /// The last 8 characters of the token.
    public var tokenSuffix: String?
    /// Where the client is, as the application tells it.
    public var location: SessionLocation?

    /// Nothing known.
    public init() {}
}

/// How a session ended.
public enum EndKind: String, Sendable, Codable, CaseIterable {
    /// The user logged out.
    case loggedOut = "logged-out"
    /// Somebody revoked it: the user from another session, an administrator, the application.
    case revoked
    /// A newer login took its place at the limit.
    case evicted
    /// A login was made with its token, and login always gives a new session (fixation).
    case replaced
    /// A token that had been rotated out was used after its grace.
    case tokenReused = "token-reused"
    /// The idle timeout ran out.
    case expiredIdle = "expired-idle"
    /// The absolute timeout ran out.
    case expiredAbsolute = "expired-absolute"
}

/// An order to end sessions: how, who, why.
public struct Ending: Sendable, Equatable {
    /// What the ended session will say of itself.
    public var kind: EndKind
    /// Who ends it: a user id, a service key's name, or `nil` for Portcullis itself.
    public var actor: String?
    /// Free text for the audit log.
    public var reason: String?
    /// The address that the request for it came from. Only the audit log keeps it.
    public var from: String?

    /// Puts an order together.
    public init(_ kind: EndKind, by actor: String? = nil, reason: String? = nil, from: String? = nil) {
        self.kind = kind
        self.actor = actor
        self.reason = reason
        self.from = from
    }
}

/// How, when, by whom and why a session ended.
public struct EndRecord: Sendable, Equatable {
    /// How.
    public let ending: Ending
    /// When, on Redis's clock.
    public let endedAt: Timestamp

    /// Puts a record together.
    public init(_ ending: Ending, at endedAt: Timestamp) {
        self.ending = ending
        self.endedAt = endedAt
    }
}

/// A session as lists show it.
public struct SessionOverview: Sendable, Equatable {
    /// The session; of an ended one, as it was created.
    public let session: LiveSession
    /// What people look at.
    public let details: SessionDetails
    /// Last activity as precise as touches are (``SessionPolicy/touchPrecision(forIdleTimeout:)``).
    public let lastActivity: Timestamp
    /// How it ended; `nil` while it is active.
    public let end: EndRecord?

    /// Puts an overview together.
    public init(session: LiveSession, details: SessionDetails, lastActivity: Timestamp, end: EndRecord?) {
        self.session = session
        self.details = details
        self.lastActivity = lastActivity
        self.end = end
    }

    /// When the session will have been idle for too long, if nothing happens.
    public var idleDeadline: Timestamp {
        min(self.lastActivity + self.session.idleTimeout, self.session.absoluteDeadline)
    }
}
