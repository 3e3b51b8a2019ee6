import SessionCore

extension RedisSessionStore {
    /// A page of the sessions that match, sorted by a column of which there is no index: looks at up to `order.scan`,
    /// newest first, and sorts those that match. The total is told if that were all.
    func sortedList(_ order: ListOrder, epoch: UInt64) async throws(StoreError) -> ListResult {
        var walk = SessionWalk(self, order.filter, epoch: epoch, expected: order.scan)
        var found: [SessionOverview] = []
        var looked = 0
        var isThrough = false
        while looked < order.scan {
            let size = min(1000, order.scan - looked)
            guard let step = try await walk.step(size) else {
                isThrough = true
                break
            }
            looked += size
            found += step.matches.map(\.overview)
        }
        if !isThrough { isThrough = try await walk.step(1) == nil }
        var result = ListResult()
        result.sessions = Array(
            order.column.sorted(found, isAscending: order.isAscending).dropFirst(order.offset)
                .prefix(order.limit)
        )
        result.total = isThrough ? found.count : nil
        result.isPartial = !isThrough
        return result
    }
}
