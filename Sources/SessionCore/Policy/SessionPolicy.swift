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
    /// How long a token that was rotated out is still honoured. 0 to 300 s.
    public var rotationGrace: Duration = .seconds(10)
    /// The age from which a token is due for rotation. 0 is never; otherwise 60 s to 400 days.
    public var rotationInterval: Duration = .zero
    /// How long an ended session stays visible. 0 to 400 days.
    public var retention: Duration = .seconds(7 * 24 * 60 * 60)

    /// The defaults of product.md S3, S4, L1 and L2.
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

    /// - Throws: ``InputError`` that names the first setting out of its range.
    public func validate() throws(InputError) {
        let day: Int64 = 86_400
        try Self.require(self.idleTimeout, 60...(90 * day), "idleTimeout")
        try Self.require(self.absoluteTimeout, 60...(400 * day), "absoluteTimeout")
        try Self.require(self.rememberIdleTimeout, 60...(400 * day), "rememberIdleTimeout")
        try Self.require(self.rememberAbsoluteTimeout, 60...(400 * day), "rememberAbsoluteTimeout")
        try Self.require(self.rotationGrace, 0...300, "rotationGrace")
        if self.rotationInterval != .zero {
            try Self.require(self.rotationInterval, 60...(400 * day), "rotationInterval")
        }
        try Self.require(self.retention, 0...(400 * day), "retention")
        guard (0...1000).contains(self.maximumSessions) else {
            throw InputError(field: "maxSessions", reason: "must be 0 (unlimited) to 1000")
        }
        for (idle, absolute, field) in [
            (self.idleTimeout, self.absoluteTimeout, "idleTimeout"),
            (self.rememberIdleTimeout, self.rememberAbsoluteTimeout, "rememberIdleTimeout"),
        ] where idle > absolute {
            throw InputError(field: field, reason: "must not be longer than the absolute timeout")
        }
    }

    private static func require(
        _ value: Duration,
        _ seconds: ClosedRange<Int64>,
        _ field: String
    ) throws(InputError) {
        guard value >= .seconds(seconds.lowerBound), value <= .seconds(seconds.upperBound) else {
            throw InputError(
                field: field,
                reason: "must be \(seconds.lowerBound) to \(seconds.upperBound) seconds"
            )
        }
    }
}
