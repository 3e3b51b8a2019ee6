/// The TTL of a live record: idle timeout plus touch precision, so that nobody is refused early, and never past
/// the absolute deadline.
package enum TimeToLive {
    package static func of(_ session: LiveSession, at time: Timestamp) -> Duration {
        self.of(idleTimeout: session.idleTimeout, absoluteDeadline: session.absoluteDeadline, at: time)
    }

    package static func of(idleTimeout: Duration, absoluteDeadline: Timestamp, at time: Timestamp) -> Duration
    {
        let idle = idleTimeout + SessionPolicy.touchPrecision(forIdleTimeout: idleTimeout)
        return max(min(idle, absoluteDeadline - time), .milliseconds(1))
    }
}
