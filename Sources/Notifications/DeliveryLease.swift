import Synchronization

/// The right to deliver, which one node has at a time, as this node knows it. It is taken to be over a little before
/// Redis takes it to be: counted from before the question.
final class DeliveryLease: Sendable {
    private let end = Mutex<ContinuousClock.Instant?>(nil)

    /// It has been given for `length`, counted from `begun`.
    func renew(_ length: Duration, since begun: ContinuousClock.Instant) {
        self.end.withLock { $0 = begun + length }
    }

    /// Another node has it.
    func lose() { self.end.withLock { $0 = nil } }

    /// Whether it will last for as long as a request may take: none of ours may arrive after those of the next node.
    func lasts(for duration: Duration) -> Bool {
        self.end.withLock { end in end.map { ContinuousClock.now + duration < $0 } ?? false }
    }
}
