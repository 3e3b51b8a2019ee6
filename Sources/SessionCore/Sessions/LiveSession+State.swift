extension LiveSession {
    /// What a live record that was found is worth.
    package enum State: Sendable, Equatable {
        /// The session is active.
        case active
        /// Everyone was logged out since it was created.
        case endedWithEveryone
        /// Its absolute deadline is past.
        case expired
    }

    /// Whether the session is alive: the one rule beside the existence of its record, which nodes, the store and the
    /// simulator ask.
    /// - Parameters:
    ///   - now: Redis's time.
    ///   - epoch: the highest that is known.
    package func state(at now: Timestamp, epoch: UInt64) -> State {
        if self.hasEnded(by: epoch) { return .endedWithEveryone }
        return now < self.absoluteDeadline ? .active : .expired
    }

    /// Whether everyone was logged out since the session was created.
    package func hasEnded(by epoch: UInt64) -> Bool { self.epoch < epoch }
}
