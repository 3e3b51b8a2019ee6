import Synchronization

/// An entry on its way to everybody who listens, with the text that they are sent: it is made once, not once for each.
package final class FeedItem: Sendable {
    package var position: AuditPosition { self.entry.position }
    package let entry: AuditEntry
    private let text = Mutex<[UInt8]?>(nil)

    package init(_ entry: AuditEntry) {
        self.entry = entry
    }

    /// What listeners are sent; `render` makes it the first time.
    package func text(_ render: (AuditEntry) -> [UInt8]) -> [UInt8] {
        self.text.withLock { text in
            if let text { return text }
            let made = render(self.entry)
            text = made
            return made
        }
    }
}

/// What a listener is told.
package enum FeedEvent: Sendable {
    /// An entry that it wants.
    case entry(FeedItem)
    /// Entries after this position are not kept any more, or were lost by Redis.
    case gap(after: AuditPosition)
}
