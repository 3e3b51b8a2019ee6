/// Why a token is not good. All of them are "401" to the outside; the difference is for logs and metrics. New reasons may
/// come with any version.
public struct Refusal: Hashable, Sendable, CustomStringConvertible {
    /// The reasons that this version knows, for switches within the package.
    package enum Kind: String, Sendable, CaseIterable {
        case malformed, forged, expired, ended, reused
    }

    package let kind: Kind

    /// Not 64 characters of the alphabet, or of another version.
    public static let malformed = Refusal(kind: .malformed)
    /// The signature is wrong: none of ours.
    public static let forged = Refusal(kind: .forged)
    /// Past its absolute expiry.
    public static let expired = Refusal(kind: .expired)
    /// The session is no more: logged out, revoked, evicted, or idle for too long.
    public static let ended = Refusal(kind: .ended)
    /// The token had been rotated out, and its grace was over; the session has been ended for it.
    public static let reused = Refusal(kind: .reused)

    /// Every reason of this version.
    public static let allCases: [Refusal] = Kind.allCases.map { Refusal(kind: $0) }

    /// A word for logs and metrics.
    public var description: String { self.kind.rawValue }
}
