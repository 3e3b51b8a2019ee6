package import SessionCore
import SessionStore
import Synchronization

/// Somebody who listens to the log from a position on. It hears of every entry that its filter lets through, in order
/// and each once, until it is cut off, the node goes down, or nobody holds this object any more.
package final class EventSubscription: Sendable {
    private struct State {
        var position: AuditPosition
        var isAttached = false
        var isOver = false
    }

    private let feed: EventFeed
    private let id: EventFeed.ID
    package let filter: EventFilter
    private let isCounted: Bool
    private let state: Mutex<State>

    init(feed: EventFeed, id: EventFeed.ID, at position: AuditPosition, filter: EventFilter, isCounted: Bool)
    {
        self.feed = feed
        self.id = id
        self.filter = filter
        self.isCounted = isCounted
        self.state = Mutex(State(position: position))
    }

    deinit { self.feed.leave(self.id, isCounted: self.isCounted) }

    /// Where it stands: everything up to here has been given out or was not wanted.
    package var position: AuditPosition { self.state.withLock { $0.position } }

    /// Has `alarm` called when the listener is cut off: it may be stuck in writing and not ask for more.
    package func whenCut(_ alarm: @escaping @Sendable () -> Void) { self.feed.alarm(self.id, alarm) }

    /// Ends it: a call of ``next(within:)`` that waits returns.
    package func end() {
        self.state.withLock { $0.isOver = true }
        self.feed.expel(self.id)
    }

    /// What comes next; one call at a time. Waits until there is something or the time is over, when there are no
    /// events.
    /// - Returns: the events and the position after them; `nil` when it is over: cut off, cancelled, or the node goes down.
    /// - Throws: ``GatewayError/Code/unavailable`` while what was missed cannot be read.
    package func next(within limit: Duration) async throws(GatewayError) -> [FeedEvent]? {
        while !self.state.withLock({ $0.isAttached }) {
            if Task.isCancelled || self.state.withLock({ $0.isOver }) { return nil }
            if let events = try await self.catchUp() { return events }
        }
        // It may have been ended before it joined the others.
        if self.state.withLock({ $0.isOver }) { self.feed.expel(self.id) }
        switch await self.feed.next(self.id, within: limit) {
        case .cut: return nil
        case .events(let events, let end):
            self.state.withLock { $0.position = end }
            self.feed.count(events.count)
            return events
        }
    }

    /// Reads a page of what was missed, and joins the others once nothing is left.
    /// - Returns: what was read; `nil` when there was nothing to read.
    private func catchUp() async throws(GatewayError) -> [FeedEvent]? {
        let position = self.position
        let page: EventPage
        do throws(StoreError) { page = try await self.feed.read(after: position) } catch {
            throw .unavailable("\(error)")
        }
        self.state.withLock { $0.position = page.end }
        if !page.isFull, self.feed.attach(self.id, at: page.end, filter: self.filter) {
            self.state.withLock { $0.isAttached = true }
        } else if page.items.isEmpty {
            // The others have heard of something that came after this page was read.
            do { try await Task.sleep(for: .milliseconds(20)) } catch { return nil }
        }
        guard page.hasGap || !page.items.isEmpty else { return nil }
        var events: [FeedEvent] = page.hasGap ? [.gap(after: position)] : []
        for item in page.items where self.filter.matches(item.entry) { events.append(.entry(item)) }
        self.feed.count(events.count)
        return events
    }
}

extension SessionGateway {
    /// Listens to the log.
    /// - Parameters:
    ///   - position: the last entry that is known; `nil` for what happens from now on.
    ///   - isOwn: for a listener of this node's own, which takes none of the places.
    /// - Returns: `nil` when there are as many listeners as ``GatewayConfiguration/eventListeners`` allows.
    /// - Throws: ``GatewayError/Code/unavailable``.
    package func listen(
        after position: AuditPosition?,
        filter: EventFilter = EventFilter(),
        isOwn: Bool = false
    ) async throws(GatewayError) -> EventSubscription? {
        let start: AuditPosition
        if let position {
            start = position
        } else {
            do throws(StoreError) { start = try await self.feed.bounds()?.last ?? .start } catch {
                throw .unavailable("\(error)")
            }
        }
        guard let id = self.feed.enter(limit: isOwn ? nil : self.configuration.eventListeners) else {
            return nil
        }
        return EventSubscription(feed: self.feed, id: id, at: start, filter: filter, isCounted: !isOwn)
    }
}
