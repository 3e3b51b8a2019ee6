/// How long to wait before the next attempt: twice as long each time, and by chance somewhat less, so that many
/// clients of one Redis do not come back in step.
struct Backoff: Sendable {
    private let base: Duration
    private let limit: Duration
    private var attempts = 0

    /// Pauses from `base` to at most `limit`.
    init(base: Duration, limit: Duration) {
        self.base = base
        self.limit = limit
    }

    /// The next pause: between half of the current bound and the bound.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        // 2^20 times the base is beyond any limit; without a bound the shift would overflow.
        let bound = min(limit, base * (1 << min(attempts, 20)))
        attempts += 1
        return bound * Double.random(in: 0.5...1, using: &generator)
    }

    /// The connection has proved itself: begin with short pauses again.
    mutating func reset() {
        attempts = 0
    }
}
