import SessionCore
import SessionStore
import Synchronization

/// What proxies ask about, on its way to the sessions' timelines: gathered, and sent in batches. Bounded, for it is
/// filled by strangers' requests: what does not fit is dropped, and counted.
final class ActivityQueue: Sendable {
    private struct Key: Hashable {
        let id: SessionID
        let act: ActivityEntry.Act
    }

    private struct State {
        var waiting: [SessionID: [ActivityEntry]] = [:]
        var count = 0
        /// When each of the last second was taken: a page that asks ten times a second is one line a second.
        var recent: [Key: MonotonicInstant] = [:]
        var dropped: UInt64 = 0
    }

    /// The most entries that wait, and the most that are known from the last second.
    static let capacity = 10_000
    /// How long entries are gathered.
    static let interval: Duration = .milliseconds(200)
    /// How long the same act of a session counts as one.
    static let coalescing: Duration = .seconds(1)

    private let state = Mutex(State())
    private let store: RedisSessionStore
    private let clock: CheckClock
    /// How many entries a timeline keeps; 0 keeps none.
    private let most: Int
    private let written = Atomic<UInt64>(0)

    init(store: RedisSessionStore, clock: CheckClock, keeping most: Int) {
        self.store = store
        self.clock = clock
        self.most = most
    }

    /// How many entries were not recorded: there were too many, or Redis did not take them.
    var dropped: UInt64 { self.state.withLock { $0.dropped } }
    /// How many entries were recorded.
    var recorded: UInt64 { self.written.load(ordering: .relaxed) }

    /// Counts entries that were recorded another way.
    func count(recorded entries: Int) { self.written.add(UInt64(entries), ordering: .relaxed) }

    /// Has an act recorded soon, unless the same was a moment ago.
    func add(_ act: ActivityEntry.Act, of id: SessionID) {
        guard self.most > 0 else { return }
        let now = MonotonicClock.now()
        var entry = ActivityEntry(act, at: self.clock.time(at: now))
        entry.source = .forwardAuth
        guard (try? entry.validate()) != nil else { return }
        let key = Key(id: id, act: act)
        self.state.withLock { state in
            if let last = state.recent[key], now < last + Self.coalescing { return }
            guard state.count < Self.capacity, state.recent.count < Self.capacity else {
                state.dropped &+= 1
                return
            }
            state.recent[key] = now
            state.waiting[id, default: []].append(entry)
            state.count += 1
        }
    }

    func run() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: Self.interval) } catch { break }
            await self.send()
        }
    }

    /// Sends what has been gathered.
    func send() async {
        let now = MonotonicClock.now()
        let waiting = self.state.withLock { state in
            defer { (state.waiting, state.count) = ([:], 0) }
            if !state.recent.isEmpty {
                state.recent = state.recent.filter { now < $0.value + Self.coalescing }
            }
            return state.waiting
        }
        let additions = waiting.flatMap { id, entries in
            stride(from: 0, to: entries.count, by: ActivityEntry.maximumBatch).map { start in
                (id: id, entries: Array(entries[start...].prefix(ActivityEntry.maximumBatch)))
            }
        }
        guard !additions.isEmpty else { return }
        do throws(StoreError) {
            let outcomes = try await self.store.addActivity(
                additions,
                keeping: self.most,
                epoch: self.clock.epoch
            )
            // A session that has ended meanwhile has no more timeline to add to; nothing is lost with that.
            for case .added(let entries) in outcomes { self.count(recorded: entries) }
        } catch {
            let lost = additions.reduce(0) { $0 + $1.entries.count }
            self.state.withLock { $0.dropped &+= UInt64(lost) }
        }
    }
}
