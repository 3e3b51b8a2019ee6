import RedisClient
package import SessionCore

extension RedisSessionStore {
    /// A page of sessions: active ones by creation; then, if the filter includes them, ended ones by their end.
    ///
    /// Reads from every partition no more than a small piece, and more only where the page asks for it. What ran out
    /// and has not been cleaned up yet is left out, but counts in an offset that is passed over unread.
    package func list(_ order: ListOrder, epoch: UInt64) async throws(StoreError) -> ListResult {
        var result = ListResult()
        guard order.limit > 0 else { return result }
        if order.column != .created { return try await self.sortedList(order, epoch: epoch) }
        var walk = SessionWalk(
            self,
            order.filter,
            isAscending: order.isAscending,
            epoch: epoch,
            from: order.cursor,
            expected: order.limit + (order.cursor?.skip ?? order.offset)
        )
        var skip = order.cursor?.skip ?? order.offset
        var passed = 0
        while skip > 0, walk.part != nil, walk.isExact {
            let count = try await walk.pass(skip)
            skip -= count
            passed += count
            if skip > 0 { walk.advance() }
        }
        var looked = 0
        var last: (part: ListCursor.Part, place: ListCursor.Place)?
        var isThrough = false
        pages: while true {
            let wanted = order.limit - result.sessions.count + skip + 1
            let size = min(walk.isExact ? wanted : max(wanted, 256), 1000, order.scan - looked)
            guard size > 0 else {
                result.isPartial = result.sessions.count < order.limit
                break
            }
            guard let step = try await walk.step(size) else {
                isThrough = true
                break
            }
            looked += size
            for match in step.matches {
                if skip > 0 {
                    skip -= 1
                    passed += 1
                    continue
                }
                guard result.sessions.count < order.limit else { break pages }
                result.sessions.append(match.overview)
                last = (step.part, match.place)
            }
            if result.sessions.count == order.limit, !walk.isExact { break }
            // What did not match need not be looked at again.
            last = (step.part, step.place)
        }
        if !isThrough {
            result.next = ListCursor(
                part: last?.part ?? order.cursor?.part ?? .active,
                isAscending: order.isAscending,
                after: last?.place ?? order.cursor?.after,
                skip: skip
            )
        }
        if isThrough, order.cursor == nil {
            result.total = passed + result.sessions.count
        } else {
            result.total = try await self.indexedCount(of: order.filter)
        }
        return result
    }

    /// How many sessions match, where the indexes tell it; otherwise `nil`.
    func indexedCount(of filter: SessionFilter) async throws(StoreError) -> Int? {
        guard !filter.looksAtDetails else { return nil }
        var total = 0
        if filter.includesEnded {
            guard filter.isUnconditional,
                EndKind.allCases.allSatisfy({ filter.statuses.contains(.ended($0)) })
            else { return nil }
            total += try await self.endedCount()
        }
        guard filter.includesActive else { return total }
        let keys = filter.user.map { [self.keys.sessions(of: $0)] } ?? Partition.all.map(self.keys.all)
        let replies = try await self.pipeline(
            keys.map { key in
                if filter.since == nil, filter.until == nil { return RedisCommand("ZCARD").key(key) }
                return RedisCommand("ZCOUNT").key(key)
                    .arg(filter.since.map { String($0.milliseconds) } ?? "-inf")
                    .arg(filter.until.map { "(\($0.milliseconds)" } ?? "+inf")
            },
            timeout: self.walkTimeout
        )
        for reply in replies { total += try reply.number(of: "answer of ZCARD") }
        return total
    }

    /// How many sessions match.
    /// - Parameter scan: looks at this many at most; the count is partial when there are more.
    package func count(
        matching filter: SessionFilter,
        scan: Int,
        epoch: UInt64
    ) async throws(StoreError) -> (count: Int, isPartial: Bool) {
        if let count = try await self.indexedCount(of: filter) { return (count, false) }
        var walk = SessionWalk(self, filter, epoch: epoch, expected: scan)
        var count = 0
        var looked = 0
        while let step = try await walk.step(min(1000, max(1, scan - looked))) {
            if looked >= scan { return (count, true) }
            looked += 1000
            count += step.matches.count
        }
        return (count, false)
    }
}
