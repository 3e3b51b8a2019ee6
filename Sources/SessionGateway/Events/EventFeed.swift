import SessionCore
import SessionStore
import Synchronization

/// Reads the log for everybody on this node who listens to it: one reader, which rests while nobody does. Who gets
/// what is ``EventFanout``'s matter; who waits is kept here.
package final class EventFeed: Sendable {
    typealias ID = EventFanout.ID

    private struct Waiter {
        let continuation: CheckedContinuation<Void, Never>
        let deadline: MonotonicInstant
    }

    private struct State {
        var fanout: EventFanout
        var waiters: [ID: Waiter] = [:]
        /// What to do when a listener is cut off that does not look, because it is stuck in writing.
        var alarms: [ID: @Sendable () -> Void] = [:]
        /// Listeners from outside, those that still read what they missed included.
        var listeners = 0
        var lastID: ID = 0
        var isClosed = false
    }

    /// How often the log is looked at while somebody listens, and so how late an event may be.
    static let interval: Duration = .milliseconds(200)
    /// Most entries read at a time.
    static let page = 500
    /// Most entries that wait for a listener: four pages.
    static let capacity = 2000

    private let store: RedisSessionStore
    private let state: Mutex<State>
    private let handedOut = Atomic<UInt64>(0)
    private let wishes: AsyncStream<Void>
    private let wish: AsyncStream<Void>.Continuation

    init(store: RedisSessionStore) {
        self.store = store
        self.state = Mutex(State(fanout: EventFanout(capacity: Self.capacity)))
        (self.wishes, self.wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Listeners from outside; entries handed to listeners and listeners cut off since the start.
    var figures: (listeners: Int, handedOut: UInt64, cutOff: Int) {
        let (listeners, cutOff) = self.state.withLock { ($0.listeners, $0.fanout.cutOff) }
        return (listeners, self.handedOut.load(ordering: .relaxed), cutOff)
    }

    // MARK: Listeners

    /// Takes one of the places for listeners.
    /// - Parameter limit: how many there are; `nil` for a listener of the node's own, which takes none.
    /// - Returns: `nil` when all are taken or the node is going down.
    func enter(limit: Int?) -> ID? {
        self.state.withLock { state in
            guard !state.isClosed else { return nil }
            if let limit {
                guard state.listeners < limit else { return nil }
                state.listeners += 1
            }
            state.lastID += 1
            return state.lastID
        }
    }

    /// A listener is gone.
    func leave(_ id: ID, isCounted: Bool) {
        self.expel(id)
        if isCounted { self.state.withLock { $0.listeners -= 1 } }
    }

    /// A listener hears of nothing more.
    func expel(_ id: ID) {
        self.state.withLock { state in
            state.fanout.detach(id)
            state.alarms[id] = nil
        }
        self.wake([id])
    }

    /// - Returns: false when the listener has to read further by itself first.
    func attach(_ id: ID, at position: AuditPosition, filter: EventFilter) -> Bool {
        let isAttached = self.state.withLock { $0.fanout.attach(id, at: position, filter: filter) }
        if isAttached { self.wish.yield() }
        return isAttached
    }

    func alarm(_ id: ID, _ alarm: @escaping @Sendable () -> Void) {
        self.state.withLock { $0.alarms[id] = alarm }
    }

    /// What there is for an attached listener. Waits until there is something or the time is over; it is cut off when
    /// its task is cancelled.
    func next(_ id: ID, within limit: Duration) async -> EventFanout.Taken {
        let deadline = MonotonicClock.now() + limit
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = self.state.withLock { state in
                    if state.isClosed || Task.isCancelled || state.fanout.isDue(id) { return true }
                    state.waiters[id] = Waiter(continuation: continuation, deadline: deadline)
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            self.wake([id])
        }
        // Who is cancelled would otherwise be told at once, again and again, that there is nothing.
        return self.state.withLock { $0.isClosed || Task.isCancelled ? .cut : $0.fanout.take(id) }
    }

    /// So many events have been handed to a listener.
    func count(_ events: Int) { self.handedOut.add(UInt64(events), ordering: .relaxed) }

    private func wake(_ ids: some Sequence<ID>) {
        let (waiters, alarms) = self.state.withLock { state in
            let waiters = ids.compactMap { state.waiters.removeValue(forKey: $0) }
            let alarms = ids.filter { !state.fanout.isAttached($0) }.compactMap {
                state.alarms.removeValue(forKey: $0)
            }
            return (waiters, alarms)
        }
        for waiter in waiters { waiter.continuation.resume() }
        for alarm in alarms { alarm() }
    }

    // MARK: Reading

    /// A page of the log, and whether something is missing before it.
    func read(after position: AuditPosition) async throws(StoreError) -> EventPage {
        let entries = try await self.store.log(after: position, limit: Self.page)
        // After the entries: what is still kept now had not been trimmed away then.
        return EventPage(
            items: entries.map { FeedItem($0) },
            isFull: entries.count >= Self.page,
            after: position,
            bounds: try await self.bounds()
        )
    }

    /// The first and the last entry that are kept; `nil` for an empty log.
    func bounds() async throws(StoreError) -> (first: AuditPosition, last: AuditPosition)? {
        try await self.store.logBounds()
    }

    /// Runs until it is cancelled; then every listener is told that it is over.
    func run() async {
        for await _ in self.wishes {
            var isDoubtful = false
            while !Task.isCancelled, let position = self.state.withLock({ $0.fanout.last }) {
                var pause = Self.interval
                do throws(StoreError) {
                    if try await self.round(from: position, isDoubtful: isDoubtful) { pause = .zero }
                    isDoubtful = false
                } catch {
                    // Redis may come back with less than it had.
                    isDoubtful = true
                }
                self.wakeOverdue()
                if pause > .zero { try? await Task.sleep(for: pause) }
            }
        }
        self.close()
    }

    /// - Returns: whether there is more to read, and room for it.
    private func round(from position: AuditPosition, isDoubtful: Bool) async throws(StoreError) -> Bool {
        if isDoubtful {
            let last = try await self.bounds()?.last ?? .start
            if last < position {
                self.wake(self.state.withLock { $0.fanout.jump(from: position, to: last) })
                return true
            }
        }
        let entries = try await self.store.log(after: position, limit: Self.page)
        guard !entries.isEmpty else { return false }
        let isFull = entries.count >= Self.page
        // A reader that is a page behind may be so far behind that the log has been trimmed before it.
        if isFull, position > .start, let first = try await self.bounds()?.first, first > position {
            self.wake(self.state.withLock { $0.fanout.jump(from: position, to: position) })
        }
        let items = entries.map { FeedItem($0) }
        self.wake(self.state.withLock { $0.fanout.publish(items, after: position) })
        return isFull && self.state.withLock { $0.fanout.hasRoom(for: Self.page) }
    }

    private func wakeOverdue() {
        let now = MonotonicClock.now()
        let overdue = self.state.withLock { state in
            state.waiters.filter { $0.value.deadline <= now }.map(\.key)
        }
        self.wake(overdue)
    }

    private func close() {
        let all = self.state.withLock { state in
            state.isClosed = true
            return Array(state.waiters.keys)
        }
        self.wake(all)
    }
}

/// Entries of the log after a position.
struct EventPage {
    var items: [FeedItem]
    var isFull: Bool
    /// Where to go on.
    var end: AuditPosition
    var hasGap: Bool

    init(
        items: [FeedItem],
        isFull: Bool,
        after position: AuditPosition,
        bounds: (first: AuditPosition, last: AuditPosition)?
    ) {
        self.items = items
        self.isFull = isFull
        let last = bounds?.last ?? .start
        if let newest = items.last {
            self.end = newest.position
            self.hasGap = position > .start && (bounds?.first ?? .start) > position
        } else {
            // A position that Redis does not know of: it has lost what was there.
            self.end = min(position, last)
            self.hasGap = last < position
        }
    }
}
