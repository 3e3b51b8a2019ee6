import Logging
import RedisClient
import SessionCore
import SessionStore
import Synchronization

/// Touches of near-cached sessions, gathered and sent as one pipeline: at most one a session and precision.
final class TouchQueue: Sendable {
    private struct State {
        /// Until when each key has to live.
        var waiting: [SessionID: Timestamp] = [:]
        /// What Redis did not confirm. A hit has taken its touch as done, so a lost one would let Redis end a
        /// session that is in use.
        var failed: [SessionID: Timestamp] = [:]
        var sent: UInt64 = 0
    }

    /// How long touches are gathered. Small against the least precision (1 s), which TTLs are longer by.
    static let interval: Duration = .milliseconds(100)
    private static let batch = 512

    private let state = Mutex(State())
    private let store: RedisSessionStore
    private let cache: NearCacheShards
    private let clock: CheckClock

    init(store: RedisSessionStore, cache: NearCacheShards, clock: CheckClock) {
        self.store = store
        self.cache = cache
        self.clock = clock
    }

    /// How many touches Redis has confirmed since the start.
    var sent: UInt64 { self.state.withLock { $0.sent } }

    /// Has the session's TTL set soon.
    func add(_ id: SessionID, _ session: LiveSession, at time: Timestamp) {
        let until = time + TimeToLive.of(session, at: time)
        self.state.withLock { $0.waiting[id] = until }
    }

    func run() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: Self.interval) } catch { break }
            await self.send()
        }
    }

    /// Sends what has been gathered, and again what failed.
    func send() async {
        let (waiting, failed) = self.state.withLock { state in
            defer { (state.waiting, state.failed) = ([:], [:]) }
            return (state.waiting, state.failed)
        }
        await self.send(waiting, isRepeat: false)
        await self.send(failed.filter { waiting[$0.key] == nil }, isRepeat: true)
    }

    private func send(_ touches: [SessionID: Timestamp], isRepeat: Bool) async {
        var rest = Array(touches)[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(Self.batch))
            rest = rest.dropFirst(batch.count)
            guard let now = self.clock.time(at: MonotonicClock.now()) else { return self.keep(batch) }
            // What should have ended by now has ended, in Redis or by its absolute deadline.
            let due = batch.filter { $0.value > now }
            do throws(StoreError) {
                let set = try await self.store.touch(
                    due.map { ($0.key, $0.value - now) },
                    onlyExtending: isRepeat
                )
                self.state.withLock { $0.sent &+= UInt64(due.count) }
                guard !isRepeat else { continue }
                // A key that is gone is never made anew: the copy goes, and the next check hears the truth.
                self.cache.invalidate(zip(due, set).compactMap { $1 ? nil : $0.key })
            } catch {
                self.keep(due)
                self.cache.invalidate(due.map(\.key))
            }
        }
    }

    private func keep(_ touches: [(key: SessionID, value: Timestamp)]) {
        self.state.withLock { state in
            for (id, until) in touches { state.failed[id] = max(until, state.failed[id] ?? until) }
        }
    }
}
