package import SessionCore
package import SessionStore

extension SessionFilter {
    /// Active and ended sessions.
    package static var everything: SessionFilter {
        var filter = SessionFilter()
        filter.statuses = SessionFilter.everyStatus
        return filter
    }
}

extension StoreBench {
    /// A page.
    package func list(
        offset: Int = 0,
        limit: Int,
        _ filter: SessionFilter = SessionFilter(),
        isAscending: Bool = false,
        cursor: ListCursor? = nil,
        scan: Int = ListOrder.scanBound,
        epoch: UInt64 = 0
    ) async throws -> ListResult {
        var order = ListOrder(filter, limit: limit)
        order.offset = offset
        order.isAscending = isAscending
        order.cursor = cursor
        order.scan = scan
        return try await self.store.list(order, epoch: epoch)
    }

    /// All pages by cursors, each `limit` long.
    /// - Parameter between: runs after each page.
    package func pages(
        of limit: Int,
        _ filter: SessionFilter = SessionFilter(),
        isAscending: Bool = false,
        scan: Int = ListOrder.scanBound,
        between: () async throws -> Void = {}
    ) async throws -> [ListResult] {
        var pages: [ListResult] = []
        var cursor: ListCursor?
        repeat {
            let page = try await self.list(
                limit: limit,
                filter,
                isAscending: isAscending,
                cursor: cursor,
                scan: scan
            )
            pages.append(page)
            // As a client has it: in text.
            cursor = page.next.flatMap { ListCursor($0.text) }
            try await between()
        } while cursor != nil && pages.count < 10_000
        return pages
    }
}
