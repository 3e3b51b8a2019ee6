/// How many refused attempts a node records one by one: a token bucket. A flood of them is counted instead, for it
/// must not push everything else out of the log.
package struct TokenBucket: Sendable {
    private let capacity: Int
    /// From one free place to the next.
    private let interval: Duration
    /// When the bucket would be full.
    private var fullAt = MonotonicInstant.distantPast

    /// - Parameters:
    ///   - interval: a place comes free this often.
    ///   - burst: places at most at once.
    package init(every interval: Duration, burst: Int) {
        self.capacity = max(1, burst)
        self.interval = interval
    }

    /// Takes a place.
    /// - Returns: whether there was one.
    package mutating func take(at now: MonotonicInstant) -> Bool {
        let start = max(self.fullAt, now)
        let next = start + self.interval
        guard next - now <= self.interval * self.capacity else { return false }
        self.fullAt = next
        return true
    }
}
