import DequeModule

/// Hands the new entries of the log to many listeners: one reader puts them in, each listener takes its own out.
///
/// A listener first reads what it has missed from the log by itself, in pages as fast as it takes them. Once it is no
/// further back than this fan-out it is attached, and hears of each later entry exactly once. Its queue is bounded:
/// one that does not keep up is cut off, and comes back with the position of the last entry that it got.
///
/// A value: who waits, and how, is `EventFeed`'s matter.
package struct EventFanout: Sendable {
    package typealias ID = UInt64

    /// What a listener finds when it looks: what is for it, in order, and the position up to which nothing else is.
    package enum Taken: Sendable {
        case events([FeedEvent], upTo: AuditPosition)
        /// It did not keep up, or is not attached.
        case cut
    }

    private struct Listener {
        var filter: EventFilter
        /// Nothing up to here is for it any more.
        var passed: AuditPosition
        var queue: Deque<FeedEvent> = []
        var isCut = false

        /// - Returns: whether there is something to look at.
        mutating func add(_ event: FeedEvent, capacity: Int) -> Bool {
            if self.queue.count < capacity {
                self.queue.append(event)
            } else {
                // What is in the queue is dropped: the listener reads it again from the log.
                self.queue = []
                self.isCut = true
            }
            return true
        }

        mutating func add(_ items: [FeedItem], capacity: Int) -> Bool {
            var isConcerned = false
            for item in items where self.passed < item.position && self.filter.matches(item.entry) {
                isConcerned = self.add(.entry(item), capacity: capacity)
                if self.isCut { return true }
            }
            return isConcerned
        }
    }

    /// Most entries that wait for one listener.
    package let capacity: Int
    /// The last entry that was put in; `nil` while nobody listens.
    package private(set) var last: AuditPosition?
    /// Listeners that were cut off since the start.
    package private(set) var cutOff = 0
    private var listeners: [ID: Listener] = [:]

    package init(capacity: Int) { self.capacity = max(1, capacity) }

    /// How many are attached.
    package var count: Int { self.listeners.count }

    /// Whether every queue has room for so many more.
    package func hasRoom(for count: Int) -> Bool {
        self.listeners.values.allSatisfy { $0.queue.count + count <= self.capacity }
    }

    /// Attaches a listener that has read everything up to `position`. The first one says where the reader begins.
    /// - Returns: false when entries after `position` have been handed out already: it has to read them itself.
    package mutating func attach(_ id: ID, at position: AuditPosition, filter: EventFilter) -> Bool {
        if let last = self.last, last > position { return false }
        if self.last == nil { self.last = position }
        self.listeners[id] = Listener(filter: filter, passed: position)
        return true
    }

    /// A listener is gone.
    package mutating func detach(_ id: ID) {
        self.listeners[id] = nil
        if self.listeners.isEmpty { self.last = nil }
    }

    /// The entries of the log after `position`, in order.
    /// - Parameter position: where the reader was when it asked. Answers to questions from before the present
    ///   listeners came may begin too late, and are passed over.
    /// - Returns: the listeners that have something to look at, those that were cut off included.
    package mutating func publish(_ items: [FeedItem], after position: AuditPosition) -> Set<ID> {
        guard let last = self.last, position <= last else { return [] }
        let fresh = items.filter { $0.position > last }
        guard let newest = fresh.last else { return [] }
        self.last = newest.position
        return self.toAll { $0.add(fresh, capacity: $1) }
    }

    /// The log does not continue where the reader was, at `present`: it goes on after `position`, and something is
    /// missing.
    /// - Returns: everybody.
    package mutating func jump(from present: AuditPosition, to position: AuditPosition) -> Set<ID> {
        guard let last = self.last, last == present else { return [] }
        self.last = position
        return self.toAll {
            // Only where the log itself has gone back; else who is ahead would hear what it has heard again.
            if position < last { $0.passed = position }
            return $0.add(.gap(after: last), capacity: $1)
        }
    }

    /// Whether a listener that looks now finds something.
    package func isDue(_ id: ID) -> Bool { self.listeners[id].map { !$0.queue.isEmpty } ?? true }

    /// Whether it is attached, and not cut off.
    package func isAttached(_ id: ID) -> Bool { self.listeners[id] != nil }

    /// What there is for a listener; taken out of its queue.
    package mutating func take(_ id: ID) -> Taken {
        guard let listener = self.listeners[id], let last = self.last else { return .cut }
        self.listeners[id]?.queue = []
        // A listener may have read further by itself than the reader has.
        return .events(Array(listener.queue), upTo: max(last, listener.passed))
    }

    private mutating func toAll(_ body: (inout Listener, Int) -> Bool) -> Set<ID> {
        var concerned: Set<ID> = []
        // In place: a copy of each queue would be made otherwise.
        for index in self.listeners.indices
        where body(&self.listeners.values[index], self.capacity) {
            concerned.insert(self.listeners.keys[index])
        }
        for id in concerned where self.listeners[id]?.isCut == true {
            self.listeners[id] = nil
            self.cutOff += 1
        }
        if self.listeners.isEmpty { self.last = nil }
        return concerned
    }
}
