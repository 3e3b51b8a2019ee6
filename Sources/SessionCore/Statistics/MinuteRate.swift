/// What happened within a minute, as the log has it.
public struct MinuteRate: Sendable, Equatable {
    /// The minute's beginning, on Redis's clock.
    public let minute: Timestamp
    /// Sessions created.
    public var logins: Int
    /// Sessions that somebody or something ended before their time: logged out, revoked, evicted, replaced, ended
    /// because their token was reused.
    public var revocations: Int
    /// Sessions whose timeout ran out, by the time at which that was noticed.
    public var expiries: Int
    /// Attempts that were refused.
    public var refusals: Int

    /// Puts a minute together.
    public init(
        minute: Timestamp,
        logins: Int = 0,
        revocations: Int = 0,
        expiries: Int = 0,
        refusals: Int = 0
    ) {
        self.minute = minute
        self.logins = logins
        self.revocations = revocations
        self.expiries = expiries
        self.refusals = refusals
    }

    /// A minute, in ms.
    package static let length: Int64 = 60_000
    /// How many minutes are kept: a day.
    package static let kept = 1440
}
