package import SessionCore

/// Which page of which list.
package struct ListOrder: Sendable {
    /// The most sessions that one call looks at for a page whose filter needs their details.
    package static let scanBound = 10_000

    package var filter: SessionFilter
    /// By another column than the login's time the matching sessions are collected, up to ``scan``, and then sorted;
    /// there are no cursors then.
    package var column = SessionColumn.created
    /// Oldest or smallest first.
    package var isAscending = false
    /// Matching sessions passed over. Without a filter they cost about 20 bytes each, so a front should bound it.
    package var offset = 0
    /// Goes on from here; `offset` does not count then.
    package var cursor: ListCursor?
    /// Sessions on the page.
    package var limit: Int
    /// Sessions looked at, at most.
    package var scan = Self.scanBound

    package init(_ filter: SessionFilter = SessionFilter(), limit: Int) {
        self.filter = filter
        self.limit = limit
    }
}

/// A page.
package struct ListResult: Sendable {
    package var sessions: [SessionOverview] = []
    /// How many match in all, where that is known without looking at them. What ran out a moment ago may be counted.
    package var total: Int?
    /// Where the next page begins; `nil` when there is none. It may turn out to be empty.
    package var next: ListCursor?
    /// The scan's bound was reached before the page was full; of a sorted list, before all were looked at.
    package var isPartial = false
}
