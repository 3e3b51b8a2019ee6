import RedisClient
import SessionCore

/// Users of one partition as counted, at one moment.
package struct PartitionCounts: Sendable, Equatable {
    /// The partition's last event then; every session that comes or goes writes one.
    package var lastEvent: String
    /// Users who have a session.
    package var users: Int
    /// Users who have more than ``InstallationStatistics/crowdThreshold``.
    package var crowded: Int

    package init(lastEvent: String, users: Int, crowded: Int) {
        self.lastEvent = lastEvent
        self.users = users
        self.crowded = crowded
    }
}

extension RedisSessionStore {
    /// Compares the counters of all partitions with the indexes, and mends them. A partition that is never at rest
    /// for as long as it takes to look at it is left for another time.
    /// - Returns: how many counters were wrong.
    func repairCounters() async throws(StoreError) -> Int {
        var repaired = 0
        for partition in Partition.all {
            for _ in 0..<8 {
                guard let (told, found) = try await self.compareCounters(of: partition) else { continue }
                let wrong = (told.users == found.users ? 0 : 1) + (told.crowded == found.crowded ? 0 : 1)
                if wrong == 0 { break }
                let reply = try await self.run(self.calls.setCounts(partition, from: told, to: found))
                if try reply.number(of: "answer of counts_set") == 1 {
                    repaired += wrong
                    break
                }
            }
        }
        return repaired
    }

    /// What the counters say and what is right, at one moment; `nil` when something changed on the way.
    private func compareCounters(
        of partition: Partition
    ) async throws(StoreError) -> (told: PartitionCounts, found: PartitionCounts)? {
        let batch = 200
        var told: PartitionCounts?
        var found = PartitionCounts(lastEvent: "", users: 0, crowded: 0)
        var offset = 0
        var size = 0
        repeat {
            // One at a time: other clients have their turn in between.
            let answer = try await self.run(self.calls.counts(partition, offset: offset, batch: batch))
                .answer(of: "counts")
            let now = PartitionCounts(
                lastEvent: try answer.value(0, of: "counts").string ?? "",
                users: try answer.number(1, of: "counts"),
                crowded: try answer.number(2, of: "counts")
            )
            if let told, told != now { return nil }
            told = now
            size = try answer.number(3, of: "counts")
            found.users += try answer.number(4, of: "counts")
            found.crowded += try answer.number(5, of: "counts")
            offset += batch
        } while offset < size
        return told.map { ($0, found) }
    }
}
