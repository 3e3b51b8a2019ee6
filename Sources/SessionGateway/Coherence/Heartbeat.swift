import Logging
import SessionCore
import SessionStore
import Synchronization

/// Sends heartbeats, four in a lease's length, as long as it runs.
struct Heartbeat: Sendable {
    private final class Outstanding: Sendable {
        let count = Atomic<Int>(0)
    }

    let coherence: CoherenceDriver
    let store: RedisSessionStore
    let lease: Lease.Configuration
    let information: String
    let logger: Logger
    private let outstanding = Outstanding()

    init(
        coherence: CoherenceDriver,
        store: RedisSessionStore,
        lease: Lease.Configuration,
        information: String,
        logger: Logger
    ) {
        self.coherence = coherence
        self.store = store
        self.lease = lease
        self.information = information
        self.logger = logger
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                // A beat that hangs must not hold up the next one, but neither may they pile up.
                if self.outstanding.count.load(ordering: .relaxed) < 4 {
                    self.outstanding.count.add(1, ordering: .relaxed)
                    group.addTask {
                        await self.beat()
                        self.outstanding.count.subtract(1, ordering: .relaxed)
                    }
                }
                do { try await Task.sleep(for: self.interval) } catch { break }
            }
        }
    }

    /// Until the first lease the beats are quick: a node that has just started, or come back, should not ask
    /// Redis for longer than it must.
    private var interval: Duration {
        self.coherence.isLeased
            ? self.lease.heartbeatInterval : min(.milliseconds(20), self.lease.heartbeatInterval)
    }

    /// One heartbeat: entry in `nodes`, ping, Redis's time, epoch. Without a subscription there is no lease to be
    /// had, and an entry would only make revokers wait, so only time and epoch are asked for.
    private func beat() async {
        let sentAt = MonotonicClock.now()
        do throws(StoreError) {
            let answer: (time: Timestamp, epoch: UInt64)
            if let sequence = self.coherence.heartbeat(at: sentAt) {
                answer = try await self.store.heartbeat(
                    node: self.coherence.node,
                    lease: self.lease.length,
                    information: self.information,
                    sequence: sequence
                )
            } else {
                answer = try await self.store.timeAndEpoch()
            }
            self.coherence.heartbeatAnswered(time: answer.time, epoch: answer.epoch, sentAt: sentAt)
        } catch {
            self.logger.debug("Heartbeat failed", metadata: ["reason": "\(error)"])
        }
    }
}
