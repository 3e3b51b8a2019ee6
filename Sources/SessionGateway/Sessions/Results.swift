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
    /// Whether the token is another one than before; not when rotations are spaced and this one came too soon.
    public internal(set) var isRotated = true
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
    /// A new organization.
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
