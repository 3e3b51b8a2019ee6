/// A page of sessions.
package struct SessionPageJSON: Codable, Sendable, Equatable {
    package var sessions: [SessionJSON]
    /// How many there are in all; left out where that is not known without looking at them.
    package var total: Int?
    package var offset: Int
    package var limit: Int
    /// The `cursor` of the next page; left out at the end. That page may turn out to be empty.
    package var nextCursor: String?
    /// The page was given before it was full, because enough sessions had been looked at: go on with `nextCursor`. Of a
    /// list sorted by another column than `created`: there are more sessions than were looked at.
    package var partial: Bool

    package init(
        sessions: [SessionJSON],
        total: Int?,
        offset: Int,
        limit: Int,
        nextCursor: String? = nil,
        partial: Bool = false
    ) {
        self.sessions = sessions
        self.total = total
        self.offset = offset
        self.limit = limit
        self.nextCursor = nextCursor
        self.partial = partial
    }
}
