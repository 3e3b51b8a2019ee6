/// What a check needs to know of a session: whose it is and how long it may live. It comes from the live record
/// in Redis, whose existence is the session's being active.
public struct LiveSession: Sendable, Equatable {
    /// The public id.
    public let id: SessionID
    /// Whose session it is.
    public let user: UserID
    /// The organization, if the application has such.
    public let organization: String?
    /// Roles as the application names them.
    public let roles: [String]
    /// How the user proved to be who they are: `password`, `otp`, `sso`, `api-key`, …
    public let factors: [String]
    /// Login time, on Redis's clock.
    public let createdAt: Timestamp
    /// Last time the user proved to be who they are.
    public let authenticatedAt: Timestamp
    /// When the session ends whatever its activity.
    public let absoluteDeadline: Timestamp
    /// How long the session lives without activity.
    public let idleTimeout: Duration
    /// The global epoch the session was created in; it is dead once the epoch is higher.
    public let epoch: UInt64
    /// Whether "remember me" was asked for.
    public let isRemembered: Bool

    /// Puts a session together.
    public init(
        id: SessionID,
        user: UserID,
        organization: String?,
        roles: [String],
        factors: [String],
        createdAt: Timestamp,
        authenticatedAt: Timestamp,
        absoluteDeadline: Timestamp,
        idleTimeout: Duration,
        epoch: UInt64,
        isRemembered: Bool
    ) {
        self.id = id
        self.user = user
        self.organization = organization
        self.roles = roles
        self.factors = factors
        self.createdAt = createdAt
        self.authenticatedAt = authenticatedAt
        self.absoluteDeadline = absoluteDeadline
        self.idleTimeout = idleTimeout
        self.epoch = epoch
        self.isRemembered = isRemembered
    }
}

/// The live record as Redis holds it: the session and the digests of the verifiers it answers to.
package struct SessionRecord: Sendable, Equatable {
    package let session: LiveSession
    /// SHA-256 of the verifier of the session's present token.
    package let verifierDigest: Digest256
    /// SHA-256 of the verifier rotated out last, honored until ``graceDeadline``.
    package let previousDigest: Digest256?
    package let graceDeadline: Timestamp

    package init(
        session: LiveSession,
        verifierDigest: Digest256,
        previousDigest: Digest256?,
        graceDeadline: Timestamp
    ) {
        self.session = session
        self.verifierDigest = verifierDigest
        self.previousDigest = previousDigest
        self.graceDeadline = graceDeadline
    }

    /// What a verifier is to this session.
    package enum Match: Sendable, Equatable {
        /// It is the present one.
        case current
        /// It was rotated out, and the grace is not over.
        case grace
        /// It was rotated out for good: somebody uses a copy.
        case reused
    }

    /// Judges the verifier of a token whose signature was right, so that a wrong verifier can only be an old one.
    package func match(_ digest: Digest256, at now: Timestamp) -> Match {
        let isCurrent = digest == self.verifierDigest
        let isPrevious = self.previousDigest.map { $0 == digest } ?? false
        if isCurrent { return .current }
        return isPrevious && now <= self.graceDeadline ? .grace : .reused
    }
}
