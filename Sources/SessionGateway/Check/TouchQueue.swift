import Logging
import RedisClient
import SessionCore
import SessionStore
import Synchronization

/// Touches of near-cached sessions, gathered and sent as one pipeline: at most one a session and precision.
final class TouchQueue: Sendable {
    private struct Touch {
        let id: SessionID
        let timeToLive: Duration
    }

    private struct State {
        var waiting: [Touch] = []
        var sent: UInt64 = 0
    }

    /// How long touches are gathered. Small against the least precision (1 s), which TTLs are longer by.
    static let interval: Duration = .milliseconds(100)
    private static let batch = 512

    private let state = Mutex(State())
    private let store: RedisSessionStore
    private let cache: NearCacheShards

    init(store: RedisSessionStore, cache: NearCacheShards) {
        self.store = store
        self.cache = cache
    }

    /// How many touches have been sent since the start.
    var sent: UInt64 { self.state.withLock { $0.sent } }

    /// Has the session's TTL set soon.
    func add(_ id: SessionID, _ session: LiveSession, at time: Timestamp) {
        let touch = Touch(id: id, timeToLive: TimeToLive.of(session, at: time))
        self.state.withLock { $0.waiting.append(touch) }
    }

    func run() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: Self.interval) } catch { break }
            await self.send()
        }
    }

    /// Sends what has been gathered.
    func send() async {
        let touches = self.state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        var rest = touches[...]
        while !rest.isEmpty {
            let batch = rest.prefix(Self.batch)
            rest = rest.dropFirst(batch.count)
            await self.send(Array(batch))
        }
    }

    private func send(_ batch: [Touch]) async {
        do throws(StoreError) {
            let found = try await self.store.touch(batch.map { ($0.id, $0.timeToLive) })
            // A key that is gone is never made anew: the copy goes, and the next check hears the truth.
            self.cache.invalidate(zip(batch, found).compactMap { $1 ? nil : $0.id })
            self.state.withLock { $0.sent &+= UInt64(batch.count) }
        } catch {
            // Not touched: the entries go, so that the next check of each reads the record and touches with it.
            self.cache.invalidate(batch.map(\.id))
        }
    }
}

/// The TTL of a live record: idle timeout plus touch precision, so that nobody is refused early, and never past
/// the absolute deadline.
enum TimeToLive {
    static func of(_ session: LiveSession, at time: Timestamp) -> Duration {
        self.of(idleTimeout: session.idleTimeout, absoluteDeadline: session.absoluteDeadline, at: time)
    }

    static func of(idleTimeout: Duration, absoluteDeadline: Timestamp, at time: Timestamp) -> Duration {
        let idle = idleTimeout + SessionPolicy.touchPrecision(forIdleTimeout: idleTimeout)
        return max(min(idle, absoluteDeadline - time), .milliseconds(1))
    }
}
