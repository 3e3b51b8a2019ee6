/// A point in time on Redis's clock, in milliseconds since 1970 (UTC).
///
/// Gateways never use their own wall clock for deadlines: it may be hours off. They estimate Redis's clock
/// with ``ServerClock`` instead.
public struct Timestamp: Hashable, Comparable, Sendable, Codable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var milliseconds: Int64

    /// Wraps milliseconds since 1970.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public init(from decoder: any Decoder) throws {
        self.milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.milliseconds)
    }

    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool { lhs.milliseconds < rhs.milliseconds }

    /// The time `duration` later; saturates instead of overflowing.
    public static func + (lhs: Timestamp, rhs: Duration) -> Timestamp {
        let (sum, overflow) = lhs.milliseconds.addingReportingOverflow(rhs.inMilliseconds)
        return Timestamp(milliseconds: overflow ? .max : sum)
    }

    /// The time `duration` earlier; saturates instead of overflowing.
    public static func - (lhs: Timestamp, rhs: Duration) -> Timestamp {
        let (difference, overflow) = lhs.milliseconds.subtractingReportingOverflow(rhs.inMilliseconds)
        return Timestamp(milliseconds: overflow ? .min : difference)
    }

    /// The span between two times.
    public static func - (lhs: Timestamp, rhs: Timestamp) -> Duration {
        .milliseconds(lhs.milliseconds &- rhs.milliseconds)
    }
}

/// A point on a clock of this machine that never goes back and runs on while the process is stopped or the
/// machine suspended (Linux `CLOCK_BOOTTIME`). Leases live on it.
public struct MonotonicInstant: Hashable, Comparable, Sendable {
    /// Nanoseconds since an arbitrary origin, usually the machine's start.
    public var nanoseconds: Int64

    /// Wraps nanoseconds of the monotonic clock.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Before every other instant: "never".
    public static let distantPast = MonotonicInstant(nanoseconds: .min)

    public static func < (lhs: MonotonicInstant, rhs: MonotonicInstant) -> Bool {
        lhs.nanoseconds < rhs.nanoseconds
    }

    /// The instant `duration` later; saturates instead of overflowing.
    public static func + (lhs: MonotonicInstant, rhs: Duration) -> MonotonicInstant {
        let (sum, overflow) = lhs.nanoseconds.addingReportingOverflow(rhs.inNanoseconds)
        return MonotonicInstant(nanoseconds: overflow ? .max : sum)
    }

    /// The span between two instants.
    public static func - (lhs: MonotonicInstant, rhs: MonotonicInstant) -> Duration {
        .nanoseconds(lhs.nanoseconds &- rhs.nanoseconds)
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero; saturates at the range of `Int64`.
    public var inMilliseconds: Int64 {
        let (seconds, attoseconds) = self.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        if overflow { return seconds < 0 ? .min : .max }
        return product &+ attoseconds / 1_000_000_000_000_000
    }

    /// Whole nanoseconds, rounded towards zero; saturates at the range of `Int64` (292 years).
    public var inNanoseconds: Int64 {
        let (seconds, attoseconds) = self.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        return product &+ attoseconds / 1_000_000_000
    }
}
