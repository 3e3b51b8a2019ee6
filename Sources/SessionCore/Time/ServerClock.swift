/// Estimates Redis's clock from this machine's monotonic clock, so that deadlines hold on a gateway whose wall
/// clock is wrong (promise R5).
///
/// Every heartbeat brings one sample. The sample with the shortest round trip is the best one, because the
/// error is at most half the round trip; it is given up after ``sampleLifetime``, so that a stepped Redis clock
/// is followed. Another Redis has another clock: start a new estimate with it.
public struct ServerClock: Sendable {
    /// How long the best sample outranks worse ones.
    public static let sampleLifetime: Duration = .seconds(10)

    /// A longer round trip says too little: a process that was stopped in between would be wrong by up to half
    /// of the stop, and accept sessions that are over.
    public static let longestRoundTrip: Duration = .seconds(1)

    private var best: (offsetNanoseconds: Int64, roundTrip: Duration, takenAt: MonotonicInstant)?

    /// A clock that knows nothing yet.
    public init() {}

    /// Whether a sample has been seen.
    public var isSynchronized: Bool { self.best != nil }

    /// What to add to the monotonic clock, in nanoseconds, to get nanoseconds since 1970 on Redis's clock.
    public var offsetNanoseconds: Int64? { self.best?.offsetNanoseconds }

    /// Takes in a time that Redis told between `sentAt` and `receivedAt`.
    public mutating func observe(
        serverTime: Timestamp,
        sentAt: MonotonicInstant,
        receivedAt: MonotonicInstant
    ) {
        let roundTrip = receivedAt - sentAt
        guard roundTrip >= .zero, roundTrip <= Self.longestRoundTrip else { return }
        if let best = self.best,
            roundTrip > best.roundTrip,
            receivedAt < best.takenAt + Self.sampleLifetime
        {
            return
        }
        let (server, overflow) = serverTime.milliseconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return }
        let middle = sentAt.nanoseconds &+ roundTrip.inNanoseconds / 2
        self.best = (server &- middle, roundTrip, receivedAt)
    }

    /// Takes in a time although it contradicts what is known: Redis's clock has been stepped. The next sample
    /// refines it.
    public mutating func correct(serverTime: Timestamp, at now: MonotonicInstant) {
        self.best = nil
        self.observe(serverTime: serverTime, sentAt: now, receivedAt: now)
        self.best?.roundTrip = .seconds(1)
    }

    /// Redis's time at `instant`, or `nil` before the first sample.
    public func time(at instant: MonotonicInstant) -> Timestamp? {
        self.best.map { Timestamp(milliseconds: (instant.nanoseconds &+ $0.offsetNanoseconds) / 1_000_000) }
    }
}
