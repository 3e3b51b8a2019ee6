package import SessionCore
package import SessionGateway

/// What is done after an attempt.
package enum DeliveryDecision: Sendable, Equatable {
    /// On to the next entry.
    case proceed
    /// The same entry again, after a pause.
    case retry(after: Duration)
    /// On to the next entry, without this one having arrived.
    case giveUp
}

/// When an entry is tried again and when it is given up: pauses that double from a second to an hour, and an end once
/// an attempt has failed and the entry is older than `giveUpAfter`.
package struct RetryPolicy: Sendable, Equatable {
    package var giveUpAfter: Duration
    package static let first: Duration = .seconds(1)
    package static let longest: Duration = .seconds(3600)

    package init(giveUpAfter: Duration) { self.giveUpAfter = giveUpAfter }

    /// The pause after so many attempts that failed.
    /// - Parameter jitter: 0 to 1. Half of the pause is fixed, so that receivers that fell ill together are not all
    ///   tried at the same time, and none at once.
    package static func pause(after attempts: Int, jitter: Double) -> Duration {
        let doublings = min(max(attempts - 1, 0), 12)
        let pause = min(Self.first * (1 << doublings), Self.longest)
        return pause * (0.5 + 0.5 * min(max(jitter, 0), 1))
    }

    /// Whether an entry is passed over without an attempt: the receiver does not answer, and the entry is too old.
    /// Otherwise the entries that gathered during a long silence would each wait for a time-out.
    package func isHopeless(_ entry: AuditEntry, _ state: WebhookState, now: Timestamp) -> Bool {
        state.attempts > 0 && now - entry.at > self.giveUpAfter
    }
}

extension WebhookState {
    /// Takes the outcome of an attempt in.
    package mutating func record(
        _ outcome: DeliveryOutcome,
        of entry: AuditEntry,
        at position: AuditPosition,
        now: Timestamp,
        policy: RetryPolicy,
        jitter: Double
    ) -> DeliveryDecision {
        switch outcome {
        case .delivered:
            self.delivered += 1
            self.lastDeliveredAt = now
            self.succeed(at: position)
            return .proceed
        case .refused(let reason):
            self.refused += 1
            self.lastError = reason
            self.lastErrorAt = now
            self.succeed(at: position)
            return .proceed
        case .failed(let reason):
            self.failures += 1
            self.attempts += 1
            self.failingSince = self.failingSince ?? now
            self.lastError = reason
            self.lastErrorAt = now
            guard policy.isHopeless(entry, self, now: now) else {
                return .retry(after: RetryPolicy.pause(after: self.attempts, jitter: jitter))
            }
            self.giveUp(at: position)
            return .giveUp
        }
    }

    /// An entry is passed over.
    package mutating func giveUp(at position: AuditPosition) {
        self.givenUp += 1
        self.position = position
    }

    /// The receiver has answered.
    private mutating func succeed(at position: AuditPosition) {
        self.attempts = 0
        self.failingSince = nil
        self.position = position
    }
}
