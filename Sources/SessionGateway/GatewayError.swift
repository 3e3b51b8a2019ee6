public import SessionCore

/// Why a token is not good. All of them are "401" to the outside; the difference is for logs and metrics.
public enum Refusal: String, Sendable, CaseIterable {
    /// Not 64 characters of the alphabet, or of another version.
    case malformed
    /// The signature is wrong: none of ours.
    case forged
    /// Past its absolute expiry.
    case expired
    /// The session is no more: logged out, revoked, evicted, or idle for too long.
    case ended
    /// The token had been rotated out, and its grace was over; the session has been ended for it.
    case reused
}

/// The answer to "is this token good, and whose is it?"
public enum CheckResult: Sendable {
    /// Good.
    case active(CachedSession)
    /// Not good.
    case refused(Refusal)
    /// Redis had to be asked and could not be. Neither good nor bad: try again.
    case unavailable
}

/// Why a call failed.
public enum GatewayError: Error, Sendable {
    /// The input breaks a rule.
    case invalid(InputError)
    /// The token is not good.
    case refused(Refusal)
    /// There is no such session, or not for this caller.
    case notFound
    /// The user has as many sessions as allowed, and the policy is to refuse.
    case limitReached(Int)
    /// The session's document is at another version: the present one.
    case conflict(present: Int)
    /// Redis could not be reached or refused the command; nothing was done that anybody could see as success.
    case unavailable(String)
    /// Redis did not answer in time after the command was sent, or could not tell which nodes there are: it may
    /// have been done, but not every node is known to have heard of it. Repeat the call.
    case unconfirmed(String)
    /// Ending many broke off. At least so many sessions have ended and stay ended; not every node is known to have
    /// heard of it. Repeat the call.
    case interrupted(ended: Int)
}
