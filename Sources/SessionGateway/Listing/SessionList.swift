public import SessionCore
import SessionStore

/// Which page of which sessions is asked for.
public struct SessionListRequest: Sendable, Equatable {
    /// Which sessions.
    public var filter = SessionFilter()
    /// By what they are sorted. By ``SessionColumn/created`` the list goes as far as there are sessions, and ended ones
    /// come behind the active ones, by the time of their end. By another column, 10,000 sessions are looked at, newest
    /// first, and those that match are sorted; there are no cursors then.
    public var column = SessionColumn.created
    /// Oldest or smallest first.
    public var isAscending = false
    /// 0 to 100,000 matching sessions to pass over.
    public var offset = 0
    /// Goes on where a page ended, instead of an offset. With the filter and order of that page.
    public var cursor: ListCursor?
    /// 1 to 200 sessions.
    public var limit = 10

    /// The ten newest active sessions.
    public init() {}

    /// - Throws: ``InputError`` that names what is out of its range.
    public func validate() throws(InputError) {
        guard (0...100_000).contains(self.offset) else {
            throw InputError(field: "offset", reason: "must be 0 to 100000")
        }
        guard (1...200).contains(self.limit) else {
            throw InputError(field: "limit", reason: "must be 1 to 200")
        }
        guard let cursor else { return }
        guard self.column == .created else {
            throw InputError(
                field: "cursor",
                reason: "must not be given when sorting by \(self.column.rawValue)"
            )
        }
        guard self.offset == 0 else {
            throw InputError(field: "cursor", reason: "must not be given with an offset")
        }
        let isIncluded =
            switch cursor.part {
            case .active: self.filter.includesActive
            case .ended: self.filter.includesEnded
            }
        guard isIncluded, cursor.isAscending == self.isAscending, cursor.skip <= 100_000 else {
            throw InputError(field: "cursor", reason: "is not of this list")
        }
    }

    var order: ListOrder {
        var order = ListOrder(self.filter, limit: self.limit)
        order.column = self.column
        order.isAscending = self.isAscending
        order.offset = self.offset
        order.cursor = self.cursor
        return order
    }
}

/// One page of a list of sessions.
public struct SessionPage: Sendable {
    /// The page.
    public let sessions: [SessionOverview]
    /// How many there are in all; `nil` where that is not known without looking at them.
    public let total: Int?
    /// Where the next page begins; `nil` at the end. The next page may turn out to be empty.
    public let next: ListCursor?
    /// So many sessions had to be looked at that the page was given before it was full: go on with ``next``. Of a list
    /// that was sorted by another column than the login: there are more sessions than were looked at.
    public let isPartial: Bool

    init(_ result: ListResult) {
        self.sessions = result.sessions
        self.total = result.total
        self.next = result.next
        self.isPartial = result.isPartial
    }
}
