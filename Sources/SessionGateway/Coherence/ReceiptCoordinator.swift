import NIOCore
import SessionCore
import Synchronization

/// Where revokers wait for their receipts: the ``RevocationBroadcaster`` with a timer and the waiting callers.
final class ReceiptCoordinator: Sendable {
    private struct State {
        var broadcaster = RevocationBroadcaster()
        var waiting: [UInt64: CheckedContinuation<RevocationBroadcaster.Outcome, Never>] = [:]
        /// Completed before anybody waited.
        var early: [UInt64: RevocationBroadcaster.Outcome] = [:]
        /// When the timer fires, if one is set: one timer serves all broadcasts.
        var timerAt: MonotonicInstant?
    }

    private let state = Mutex(State())
    private let eventLoop: any EventLoop

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Starts a broadcast. Ends with ``outcome(of:nodes:appliedBy:)`` or ``abandon(_:)``.
    func begin() -> UInt64 {
        let now = MonotonicClock.now()
        return self.state.withLock { $0.broadcaster.begin(at: now) }
    }

    /// Another Redis serves from now on; see ``RevocationBroadcaster/serverChanged(at:leaseLength:)``.
    func serverChanged(leaseLength: Duration) {
        let now = MonotonicClock.now()
        self.state.withLock { $0.broadcaster.serverChanged(at: now, leaseLength: leaseLength) }
    }

    /// Gives up a broadcast whose outcome nobody needs.
    func abandon(_ number: UInt64) {
        self.state.withLock {
            $0.broadcaster.abandon(number)
            $0.early[number] = nil
        }
    }

    func acknowledged(_ number: UInt64, by node: NodeID) {
        let now = MonotonicClock.now()
        self.settle { $0.acknowledged(number, by: node, at: now) }
    }

    /// Waits until every node has applied the broadcast or cannot have a lease any more: at most a lease's
    /// length.
    /// - Parameters:
    ///   - nodes: the entries read after the publication.
    ///   - node: this node, which has applied it already.
    func outcome(
        of number: UInt64,
        nodes: [RevocationBroadcaster.NodeLease],
        appliedBy node: NodeID
    ) async -> RevocationBroadcaster.Outcome {
        let now = MonotonicClock.now()
        self.settle {
            $0.acknowledged(number, by: node, at: now) + $0.nodesRead(number, nodes: nodes, at: now)
        }
        self.scheduleAdvance()
        return await withCheckedContinuation { continuation in
            let outcome = self.state.withLock { state in
                let outcome = state.early.removeValue(forKey: number)
                if outcome == nil { state.waiting[number] = continuation }
                return outcome
            }
            if let outcome { continuation.resume(returning: outcome) }
        }
    }

    /// Sets the timer for the next lease to run out, unless an earlier one is set already.
    private func scheduleAdvance() {
        let deadline: MonotonicInstant? = self.state.withLock { state in
            guard let deadline = state.broadcaster.nextDeadline else { return nil }
            if let timerAt = state.timerAt, timerAt <= deadline { return nil }
            state.timerAt = deadline
            return deadline
        }
        guard let deadline else { return }
        let delay = max((deadline - MonotonicClock.now()).inNanoseconds, 0) + 1_000_000
        self.eventLoop.scheduleTask(in: .nanoseconds(delay)) {
            let now = MonotonicClock.now()
            // A timer that an earlier deadline has overtaken leaves that one's in place.
            self.state.withLock { if $0.timerAt == deadline { $0.timerAt = nil } }
            self.settle { $0.advance(to: now) }
            self.scheduleAdvance()
        }
    }

    private func settle(_ event: (inout RevocationBroadcaster) -> [RevocationBroadcaster.Action]) {
        let resumed = self.state.withLock { state in
            var resumed:
                [(CheckedContinuation<RevocationBroadcaster.Outcome, Never>, RevocationBroadcaster.Outcome)] =
                    []
            for case .complete(let number, let outcome) in event(&state.broadcaster) {
                if let continuation = state.waiting.removeValue(forKey: number) {
                    resumed.append((continuation, outcome))
                } else {
                    state.early[number] = outcome
                }
            }
            return resumed
        }
        for (continuation, outcome) in resumed { continuation.resume(returning: outcome) }
    }
}
