import RedisClient
package import SessionCore

extension RedisSessionStore {
    /// How many entries a call looks at before it gives what it has found.
    package static let auditScan = 10_000

    /// Entries that match, newest first.
    /// - Parameters:
    ///   - cursor: ``AuditPage/next`` of the page before.
    ///   - limit: at most this many.
    ///   - scan: looks at no more than this many.
    package func audit(
        _ filter: AuditFilter,
        before cursor: AuditPosition?,
        limit: Int,
        scan: Int = RedisSessionStore.auditScan
    ) async throws(StoreError) -> AuditPage {
        var page = AuditPage()
        guard var end = try await self.upperEnd(filter, before: cursor) else { return page }
        // The log's own times are those of appending, which comes after the event, unless the clock was set back.
        let slack: Int64 = 60_000
        let start = filter.since.map { String(max(0, $0.milliseconds - slack)) } ?? "-"
        var looked = 0
        while true {
            // Without conditions each entry is one of the page, and no more need be read.
            let wanted = filter == AuditFilter() ? limit - page.entries.count + 1 : 500
            let size = min(wanted, 500, scan - looked)
            guard size > 0 else {
                page.isPartial = page.entries.count < limit
                return page
            }
            let replies = try await self.pipeline(
                [
                    RedisCommand("XREVRANGE").key(self.keys.log).arg(end).arg(start).arg("COUNT").arg(size)
                ],
                timeout: self.walkTimeout
            )
            let links = try self.links(in: try replies.value(0, of: "XREVRANGE"))
            for (position, link) in links {
                let entry = AuditEntry(position: position, link)
                if filter.includes(entry) {
                    // One more than fits: there is another page, and it begins here.
                    if page.entries.count == limit { return page }
                    page.entries.append(entry)
                }
                page.next = position
                end = "(\(position)"
            }
            looked += links.count
            if links.count < size {
                page.next = nil
                return page
            }
        }
    }

    /// From where the log is read backwards; `nil` when nothing is there.
    private func upperEnd(_ filter: AuditFilter, before cursor: AuditPosition?) async throws(StoreError)
        -> String?
    {
        if let cursor { return Self.range(before: cursor) }
        guard let until = filter.until else { return "+" }
        // An event may have waited for its relay: no longer than any ever did.
        let replies = try await self.pipeline([RedisCommand("HGET").key(self.keys.relay).arg("lag")])
        let lag = Int64(try replies.value(0, of: "HGET").orThrow().int ?? 0)
        return String(max(0, (until + .milliseconds(lag) + .seconds(60)).milliseconds))
    }

    /// Walks along the log's chain.
    /// - Parameters:
    ///   - cursor: ``AuditVerification/next`` of the call before.
    ///   - keptSince: what was appended since then has not grown too old, and has to be there.
    ///   - scan: looks at no more than this many entries.
    package func verifyLog(
        from cursor: AuditPosition?,
        keptSince: Timestamp? = nil,
        scan: Int = RedisSessionStore.auditScan
    ) async throws(StoreError) -> AuditVerification {
        // What is appended from now on is not looked at: the head does not vouch for it.
        let replies = try await self.pipeline([
            RedisCommand("HMGET").key(self.keys.relay).arg("head").arg("total").arg("last")
        ])
        let fields = try replies.value(0, of: "HMGET").answer(of: "HMGET")
        let head = try fields.value(0, of: "HMGET").bytes.flatMap { Digest256(bytes: $0) }
        let total = try fields.value(1, of: "HMGET").int
        let end = try fields.value(2, of: "HMGET").string.flatMap { AuditPosition($0) }
        var result = AuditVerification()
        guard let head, let total, let end else {
            // Nothing was ever appended. Entries that are there all the same came some other way.
            if let bounds = try await self.logBounds() {
                result.fault = .init(position: bounds.first, kind: .changed)
            }
            return result
        }
        let chain = AuditChain(head: head, count: total)
        result.total = total
        result.head = head.hexadecimal
        var walk = ChainWalk()
        var place = cursor
        var isFirst = true
        var looked = 0
        walk: while true {
            let size = min(1000, scan - looked)
            let replies = try await self.pipeline(
                [
                    RedisCommand("XRANGE").key(self.keys.log)
                        .arg(place.map { (isFirst ? "" : "(") + $0.description } ?? "-")
                        .arg(end.description).arg("COUNT").arg(size)
                ],
                timeout: self.walkTimeout
            )
            let links = try self.links(in: try replies.value(0, of: "XRANGE"))
            var isEmpty = isFirst && links.isEmpty
            if isFirst, let cursor, links.first?.position != cursor,
                let before = try await self.link(before: cursor, upTo: end)
            {
                // That entry is not there. Its neighbors know whether there ever was one.
                guard walk.take(before.position, before.link) else { break }
                isEmpty = false
            }
            if isEmpty, let keptSince, Int64(clamping: end.milliseconds) > keptSince.milliseconds {
                walk.lose(end)
                break
            }
            isFirst = false
            for (position, link) in links {
                guard walk.take(position, link) else { break walk }
                place = position
            }
            looked += links.count
            if links.count < size {
                walk.finish(chain)
                break
            }
            if looked >= scan {
                // The last entry is looked at again: the next one vouches for it.
                result.next = place
                break
            }
        }
        result.checked = walk.checked
        result.fault = walk.fault
        if walk.fault != nil { result.next = nil }
        return result
    }

    /// The last entry before a position, and not after another.
    private func link(
        before position: AuditPosition,
        upTo end: AuditPosition
    ) async throws(StoreError) -> (position: AuditPosition, link: AuditChain.Link)? {
        guard let upper = Self.range(before: position) else { return nil }
        let replies = try await self.pipeline([
            RedisCommand("XREVRANGE").key(self.keys.log)
                .arg(position > end ? end.description : upper).arg("-").arg("COUNT").arg(1)
        ])
        return try self.links(in: try replies.value(0, of: "XREVRANGE")).first
    }

    /// The upper end of a range that stops before a position; `nil` when there is nothing before it, which Redis takes
    /// for a mistake.
    private static func range(before position: AuditPosition) -> String? {
        position > AuditPosition(milliseconds: 0, sequence: 0) ? "(\(position)" : nil
    }
}
