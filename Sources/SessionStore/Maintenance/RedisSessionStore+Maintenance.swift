import RedisClient
package import SessionCore

extension RedisSessionStore {
    /// How many sessions there are; those that ran out a moment ago may still be counted.
    package func count() async throws(StoreError) -> Int {
        try await self.cardinalities { self.keys.all($0) }.reduce(0, +)
    }

    /// How many sessions stand in the history.
    package func endedCount() async throws(StoreError) -> Int {
        try await self.cardinalities { self.keys.ended($0) }.reduce(0, +)
    }

    /// ZCARD of one index in all partitions.
    func cardinalities(_ key: (Partition) -> RedisKey) async throws(StoreError) -> [Int] {
        let replies = try await self.pipeline(
            Partition.all.map { RedisCommand("ZCARD").key(key($0)) },
            timeout: self.walkTimeout
        )
        var counts: [Int] = []
        for reply in replies { counts.append(try reply.number(of: "answer of ZCARD")) }
        return counts
    }

    /// One round of the janitor over all partitions: finalizes what ran out, forgets what is past the
    /// retention. Looks only at what is due.
    /// - Parameter steps: how often a partition is gone on with, ``endBatch`` sessions each time; the next round does
    ///   the rest.
    package func sweepDue(steps: Int = 100) async throws(StoreError) -> JanitorReport {
        var report = JanitorReport()
        var open = Partition.all
        for _ in 0..<max(1, steps) where !open.isEmpty {
            let replies = try await self.runAll(open.map { self.calls.janitor($0, batch: Self.endBatch) })
            var next: [Partition] = []
            for (partition, reply) in zip(open, replies) {
                let answer = try reply.answer(of: "janitor")
                report.expired += try answer.number(0, of: "janitor")
                report.forgotten += try answer.number(2, of: "janitor")
                if try answer.number(3, of: "janitor") == 1 { next.append(partition) }
            }
            open = next
        }
        return report
    }

    /// Walks the indexes of all partitions and repairs what does not agree with the live records.
    package func repairIndexes() async throws(StoreError) -> RepairReport {
        var report = RepairReport()
        for due in [false, true] {
            var open = Partition.all.map { (partition: $0, offset: 0) }
            while !open.isEmpty {
                let replies = try await self.runAll(
                    open.map {
                        self.calls.verify($0.partition, due: due, offset: $0.offset, batch: Self.endBatch)
                    }
                )
                var next: [(partition: Partition, offset: Int)] = []
                for (step, reply) in zip(open, replies) {
                    let answer = try reply.answer(of: "verify")
                    report.expired += try answer.number(2, of: "verify")
                    report.repaired += try answer.number(3, of: "verify")
                    let offset = try answer.number(0, of: "verify")
                    if offset >= 0 { next.append((step.partition, offset)) }
                }
                open = next
            }
        }
        report.repaired += try await self.repairCounters()
        return report
    }

    /// What happened in a partition after a position, oldest first.
    /// - Parameters:
    ///   - position: ``StreamEvent/position`` of the last one known, or `nil` for all that is kept.
    ///   - limit: at most this many.
    package func events(
        in partition: Partition,
        after position: String?,
        limit: Int
    ) async throws(StoreError) -> [StreamEvent] {
        let value = try await translating { () async throws(RedisError) in
            try await self.client.send(
                RedisCommand("XRANGE").key(self.keys.events(partition)).arg(position.map { "(" + $0 } ?? "-")
                    .arg("+").arg("COUNT").arg(max(1, limit)),
                timeout: self.walkTimeout
            )
        }
        return try self.events(in: value, of: .partition(partition))
    }
}
