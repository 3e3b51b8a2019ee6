import Logging
import RedisClient
import SessionCore
import SessionStore
import Synchronization

/// Admits a Redis that this node has not served from before: checks that its layout is ours and tells it what it
/// may have lost, before any check or login reaches it.
final class JournalReplay: Sendable {
    private struct State {
        var coherence: CoherenceDriver?
        var store: RedisSessionStore?
        var served: ServerIdentity?
    }

    private let state = Mutex(State())
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    func attach(coherence: CoherenceDriver, store: RedisSessionStore) {
        self.state.withLock {
            $0.coherence = coherence
            $0.store = store
        }
    }

    func admit(_ identity: ServerIdentity, over connection: RedisConnection) async throws {
        let (coherence, store, served) = self.state.withLock { ($0.coherence, $0.store, $0.served) }
        guard let coherence, let store, served != identity else { return }
        try await store.verifyLayout(over: connection)
        let (sessions, epoch) = coherence.serverChanged()
        if served != nil {
            self.logger.notice(
                "Another Redis serves now; applying the revocation journal to it",
                metadata: ["run": "\(identity.runID)", "sessions": "\(sessions.count)", "epoch": "\(epoch)"]
            )
        }
        _ = try await store.reapply(sessions: sessions, epoch: epoch, over: connection)
        if try await store.hasOtherNodes(besides: coherence.node, over: connection) {
            let pause = coherence.servesFrom - MonotonicClock.now()
            if pause > .zero { try await Task.sleep(for: pause) }
        }
        let sentAt = MonotonicClock.now()
        let answer = try await store.timeAndEpoch(over: connection)
        coherence.heartbeatAnswered(time: answer.time, epoch: answer.epoch, sentAt: sentAt)
        self.state.withLock { $0.served = identity }
    }
}
