import Logging
import RedisClient
import SessionCore
import SessionStore
import Synchronization

/// Refused attempts on their way to Redis. Nobody waits for them, and a flood of them costs neither memory nor Redis:
/// what is over the budget is counted, and the count recorded.
final class RefusedAttemptQueue: Sendable {
    private struct State {
        /// For attempts of whoever has shown a key or a session: those are few.
        var known = TokenBucket(every: .seconds(6), burst: 200)
        /// For those of strangers, who can make as many as they like: 1,440 a day.
        var strangers = TokenBucket(every: .seconds(60), burst: 200)
        var waiting: [RefusedAttempt] = []
        var dropped = 0
        var toldAt = MonotonicInstant.distantPast
        var pause = RefusedAttemptQueue.shortPause

        mutating func take(_ attempt: RefusedAttempt, at now: MonotonicInstant) -> Bool {
            attempt.actor == nil ? self.strangers.take(at: now) : self.known.take(at: now)
        }
    }

    private let state = Mutex(State())
    private let store: RedisSessionStore
    private let logger: Logger
    /// Attempts not recorded one by one, since the start.
    let droppedTotal = Atomic<UInt64>(0)

    /// How many wait at most, when Redis is away.
    private static let capacity = 1000
    /// What one script takes.
    private static let batch = 200
    /// A count of dropped ones is an entry itself: after so long at first, and less and less often while it goes on.
    private static let shortPause = Duration.seconds(1)
    private static let longPause = Duration.seconds(64)

    init(store: RedisSessionStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    func record(_ attempt: RefusedAttempt) {
        let isKept = self.state.withLock { state in
            guard state.waiting.count < Self.capacity, state.take(attempt, at: MonotonicClock.now()) else {
                state.dropped += 1
                return false
            }
            state.waiting.append(attempt)
            return true
        }
        if !isKept { self.droppedTotal.add(1, ordering: .relaxed) }
    }

    func run() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
            await self.send()
        }
    }

    /// Sends what waits.
    /// - Parameter isLast: tells of dropped ones however lately that was done.
    func send(isLast: Bool = false) async {
        while true {
            let (attempts, dropped) = self.state.withLock { state in
                let now = MonotonicClock.now()
                let some = Array(state.waiting.prefix(Self.batch))
                state.waiting.removeFirst(some.count)
                var dropped = 0
                if state.dropped > 0, isLast || now >= state.toldAt + state.pause {
                    let isQuiet = now >= state.toldAt + Self.longPause * 2
                    state.pause = isQuiet ? Self.shortPause : min(state.pause * 2, Self.longPause)
                    dropped = state.dropped
                    state.dropped = 0
                    state.toldAt = now
                }
                return (some, dropped)
            }
            guard !attempts.isEmpty || dropped > 0 else { return }
            do throws(StoreError) {
                try await self.store.record(attempts, dropped: dropped)
            } catch {
                self.logger.debug("Refused attempts not recorded", metadata: ["reason": "\(error)"])
                self.giveBack(attempts, dropped, mayBeThere: error.mayHaveExecuted)
                return
            }
        }
    }

    /// What was not recorded waits for the next time. What may have been is not repeated but counted as dropped:
    /// better twice in a sum than twice by name.
    private func giveBack(_ attempts: [RefusedAttempt], _ dropped: Int, mayBeThere: Bool) {
        self.state.withLock { state in
            state.dropped += dropped
            if mayBeThere {
                state.dropped += attempts.count
            } else {
                state.waiting.insert(contentsOf: attempts, at: 0)
            }
        }
    }
}

extension StoreError {
    /// Whether the command may have been carried out.
    var mayHaveExecuted: Bool {
        if case .unavailable(let cause) = self { cause.mayHaveExecuted } else { false }
    }
}
