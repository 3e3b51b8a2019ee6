import RedisClient
package import SessionCore

extension RedisSessionStore {
    /// A page of all sessions: active ones, newest first; then, if asked for, ended ones, last ended first.
    ///
    /// Reads from every partition no more than a small piece, and more only where the page asks for it. What
    /// ran out before the page and has not been cleaned up yet still counts in `offset` and `total`.
    /// - Parameters:
    ///   - offset: entries passed over cost about 20 bytes each, so a front should bound it.
    ///   - limit: sessions on the page.
    package func list(
        offset: Int,
        limit: Int,
        includeEnded: Bool,
        epoch: UInt64
    ) async throws(StoreError) -> (total: Int, sessions: [SessionOverview]) {
        var total = 0
        var skip = max(0, offset)
        var page: [SessionOverview] = []
        var shown: Set<SessionID> = []
        let indexes: [(Partition) -> RedisKey] =
            includeEnded ? [{ self.keys.all($0) }, { self.keys.ended($0) }] : [{ self.keys.all($0) }]
        for index in indexes {
            let counts = try await self.cardinalities(index)
            let count = counts.reduce(0, +)
            total += count
            guard skip < count, page.count < limit else {
                skip = max(0, skip - count)
                continue
            }
            let partitions = zip(Partition.all, counts).filter { $0.1 > 0 }.map(\.0)
            let expected = (skip + limit) / max(1, partitions.count)
            var listing = MergedListing(partitions: partitions, chunk: min(512, 2 * expected + 4))
            while page.count < limit {
                let ids = try await self.take(limit - page.count, skipping: &skip, from: &listing, index)
                if ids.isEmpty { break }
                // A session that ended between the two walks would stand in both.
                page += try await self.overviews(of: ids, includeEnded: includeEnded, epoch: epoch).sessions
                    .filter { shown.insert($0.session.id).inserted }
            }
        }
        return (total, page)
    }

    private func take(
        _ count: Int,
        skipping skip: inout Int,
        from listing: inout MergedListing,
        _ index: (Partition) -> RedisKey
    ) async throws(StoreError) -> [SessionID] {
        var ids: [SessionID] = []
        while ids.count < count {
            switch listing.next() {
            case .end: return ids
            case .entry(let entry):
                if skip > 0 { skip -= 1 } else { ids.append(entry.id) }
            case .need(let requests):
                let replies = try await self.pipeline(
                    requests.map {
                        RedisCommand("ZREVRANGE").key(index($0.partition)).arg($0.offset)
                            .arg($0.offset + $0.count - 1).arg("WITHSCORES")
                    },
                    timeout: self.walkTimeout
                )
                for (request, reply) in zip(requests, replies) {
                    listing.supply(request, try Self.entries(in: reply, request.partition))
                }
            }
        }
        return ids
    }

    private static func entries(
        in reply: RedisValue,
        _ partition: Partition
    ) throws(StoreError) -> [MergedListing.Entry] {
        let elements = try reply.answer(of: "ZREVRANGE")
        var entries: [MergedListing.Entry] = []
        for index in stride(from: 0, to: elements.count - 1, by: 2) {
            guard let key = elements[index].string, let id = SessionID(partition: partition, key: key),
                let score = elements[index + 1].string.flatMap({ Double($0) }).flatMap({ Int64(exactly: $0) })
            else { throw .corrupt("index of partition \(partition.index)") }
            entries.append(MergedListing.Entry(score: score, id: id))
        }
        return entries
    }
}
