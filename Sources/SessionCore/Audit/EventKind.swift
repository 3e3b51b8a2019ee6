/// What the log tells of. Ends of sessions are called as in ``EndKind``.
public enum EventKind: String, Sendable, CaseIterable {
    /// A login: a session was created.
    case created
    /// A session's token was replaced by its successor.
    case rotated
    /// A session was changed or extended.
    case updated
    case loggedOut = "logged-out"
    case revoked
    case evicted
    case replaced
    case tokenReused = "token-reused"
    case expiredIdle = "expired-idle"
    case expiredAbsolute = "expired-absolute"
    /// All sessions there were have ended; each has an entry of its own as well, once its record is deleted.
    case everyoneRevoked = "everyone-revoked"
    /// The settings of all nodes were changed.
    case settingsChanged = "settings-changed"
    /// An attempt to change something, or an administrator's call, that was refused.
    case refused
    /// Attempts that were refused and not written one by one, because there were too many; ``AuditEntry/count`` says
    /// how many.
    case refusalsDropped = "refusals-dropped"
    /// Events that were lost before they reached the log; ``AuditEntry/count`` says how many.
    case gap
    /// An entry that cannot be read.
    case unreadable

    /// What an entry counts as in ``MinuteRate``.
    package enum Rate: Sendable {
        case login
        case revocation
        case expiry
        case refusal
    }

    package var rate: Rate? {
        switch self {
        case .created: .login
        case .loggedOut, .revoked, .evicted, .replaced, .tokenReused: .revocation
        case .expiredIdle, .expiredAbsolute: .expiry
        case .refused, .refusalsDropped: .refusal
        case .rotated, .updated, .everyoneRevoked, .settingsChanged, .gap, .unreadable: nil
        }
    }
}
