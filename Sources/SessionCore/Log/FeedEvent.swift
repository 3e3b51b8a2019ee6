/// What a listener is told.
package enum FeedEvent: Sendable {
    /// An entry that it wants.
    case entry(FeedItem)
    /// Entries after this position are not kept any more, or were lost by Redis.
    case gap(after: AuditPosition)
}
