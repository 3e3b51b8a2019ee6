/// How long sessions live and how many a user may have.
public struct SessionPolicy: Sendable, Equatable {
    /// What happens to a login at the limit.
    public enum LimitBehaviour: String, Sendable, CaseIterable {
        /// The user's oldest sessions end.
        case revokeOldest = "revoke-oldest"
        /// The login is refused.
        case deny
    }

    /// How long a session lives without activity. 60 s to 90 days.
    public var idleTimeout: Duration = .seconds(60 * 60)
    /// How long a session lives at most. 60 s to 400 days, not below the idle timeout.
    public var absoluteTimeout: Duration = .seconds(24 * 60 * 60)
    /// The idle timeout with "remember me".
    public var rememberIdleTimeout: Duration = .seconds(30 * 24 * 60 * 60)
    /// The absolute timeout with "remember me".
    public var rememberAbsoluteTimeout: Duration = .seconds(30 * 24 * 60 * 60)
    /// The most sessions a user may have; 0 is unlimited. Up to 1,000.
    public var maximumSessions = 10
    /// What happens to a login at the limit.
    public var limitBehaviour = LimitBehaviour.revokeOldest
    /// How long a token that was rotated out is still honored. 0 to 300 s.
    public var rotationGrace: Duration = .seconds(10)
    /// The age from which a token is due for rotation. 0 is never; otherwise 60 s to 400 days.
    public var rotationInterval: Duration = .zero
    /// How long an ended session stays visible. 0 to 400 days.
    public var retention: Duration = .seconds(7 * 24 * 60 * 60)

    /// The defaults of docs/features.md S3, S4, L1 and L2.
    public init() {}

    /// The timeouts for a new session.
    public func timeouts(remember: Bool) -> (idle: Duration, absolute: Duration) {
        remember
            ? (self.rememberIdleTimeout, self.rememberAbsoluteTimeout)
            : (self.idleTimeout, self.absoluteTimeout)
    }

    /// How far the recorded last activity may lag behind the real one: a 600th of the idle timeout, within
    /// 1 to 60 s. A session's key lives that much longer than its idle timeout, so nobody is refused early.
    public static func touchPrecision(forIdleTimeout idleTimeout: Duration) -> Duration {
        min(max(idleTimeout / 600, .seconds(1)), .seconds(60))
    }

    /// The longest that any of these times may be: 400 days.
    public static let longest: Duration = .seconds(400 * 86_400)
    /// 0, which is never, to 400 days; below a minute only 0.
    public static let rotationIntervalRange: ClosedRange<Duration> = .zero...Self.longest
    /// 0 to 400 days.
    public static let retentionRange: ClosedRange<Duration> = .zero...Self.longest

    /// - Throws: ``InputError`` that names the first setting out of its range.
    public func validate() throws(InputError) {
        let durations: [(PolicySetting, Duration)] = [
            (.idleTimeout, self.idleTimeout), (.absoluteTimeout, self.absoluteTimeout),
            (.rememberIdleTimeout, self.rememberIdleTimeout),
            (.rememberAbsoluteTimeout, self.rememberAbsoluteTimeout), (.rotationGrace, self.rotationGrace),
        ]
        for (setting, duration) in durations {
            guard let range = setting.range, duration >= .seconds(range.lowerBound),
                duration <= .seconds(range.upperBound)
            else { throw InputError(field: setting.rawValue, reason: "must be \(setting.allowed)") }
        }
        let longest = Self.longest.components.seconds
        guard self.rotationInterval == .zero || (.seconds(60)...Self.longest).contains(self.rotationInterval)
        else {
            throw InputError(field: "rotationInterval", reason: "must be 0 (off) or 60 to \(longest) seconds")
        }
        guard Self.retentionRange.contains(self.retention) else {
            throw InputError(field: "retention", reason: "must be 0 to \(longest) seconds")
        }
        guard PolicySetting.maxSessions.range?.contains(self.maximumSessions) == true else {
            throw InputError(
                field: PolicySetting.maxSessions.rawValue,
                reason: "must be \(PolicySetting.maxSessions.allowed)"
            )
        }
        for (idle, absolute, field) in [
            (self.idleTimeout, self.absoluteTimeout, "idleTimeout"),
            (self.rememberIdleTimeout, self.rememberAbsoluteTimeout, "rememberIdleTimeout"),
        ] where idle > absolute {
            throw InputError(field: field, reason: "must not be longer than the absolute timeout")
        }
    }
}
