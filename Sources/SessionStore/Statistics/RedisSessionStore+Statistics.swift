import RedisClient
package import SessionCore

extension RedisSessionStore {
    /// Up to so many sessions the average is that of all.
    static let exactAverageBound = 4096
    /// Sessions in a sample: two of each partition. Each costs Redis 5 µs.
    static let sampleSize = 512

    /// Figures of the whole installation, from cardinalities and counters: no session is looked at, but for the
    /// beginnings of some.
    /// - Parameter exactBound: up to so many sessions the average is that of all.
    package func statistics(
        exactBound: Int = RedisSessionStore.exactAverageBound
    ) async throws(StoreError) -> InstallationStatistics {
        let replies = try await self.pipeline(
            Partition.all.flatMap { partition in
                [
                    RedisCommand("ZCARD").key(self.keys.all(partition)),
                    RedisCommand("ZCARD").key(self.keys.ended(partition)),
                    RedisCommand("HMGET").key(self.keys.counters(partition)).arg("users").arg("crowded"),
                ]
            },
            timeout: self.walkTimeout
        )
        var statistics = InstallationStatistics()
        var counts: [(partition: Partition, count: Int)] = []
        for (place, partition) in Partition.all.enumerated() {
            let count = try replies.number(3 * place, of: "ZCARD")
            statistics.active += count
            if count > 0 { counts.append((partition, count)) }
            statistics.ended += try replies.number(3 * place + 1, of: "ZCARD")
            let counters = try replies.value(3 * place + 2, of: "HMGET").answer(of: "HMGET")
            statistics.users += Self.counter(try counters.value(0, of: "HMGET"))
            statistics.crowdedUsers += Self.counter(try counters.value(1, of: "HMGET"))
        }
        guard statistics.active > 0 else { return statistics }
        statistics.isEstimated = statistics.active > exactBound
        var samples: [(partition: Partition, ranks: ClosedRange<Int>)] = []
        for (partition, count) in counts {
            guard statistics.isEstimated else {
                samples.append((partition, 0...(count - 1)))
                continue
            }
            let share = max(1, Self.sampleSize * count / statistics.active)
            samples += EvenRanks.of(count, sample: share).map { (partition, $0...$0) }
        }
        statistics.averageAge = try await self.averageAge(samples, counts)
        return statistics
    }

    private func averageAge(
        _ samples: [(partition: Partition, ranks: ClosedRange<Int>)],
        _ counts: [(partition: Partition, count: Int)]
    ) async throws(StoreError) -> Duration? {
        var replies = try await self.pipeline(
            samples.map { sample in
                RedisCommand("ZRANGE").key(self.keys.all(sample.partition)).arg(sample.ranks.lowerBound)
                    .arg(sample.ranks.upperBound).arg("WITHSCORES")
            } + [RedisCommand("TIME").routed(by: self.keys.epoch)],
            timeout: self.walkTimeout
        )
        guard let time = replies.popLast() else { throw .corrupt("answer of TIME") }
        let now = try Self.time(in: time).milliseconds
        var sums: [Partition: (ages: Double, count: Int)] = [:]
        for (sample, reply) in zip(samples, replies) {
            let entries = try SessionWalk.entries(in: reply, sample.partition)
            var sum = sums[sample.partition] ?? (0, 0)
            for entry in entries { sum.ages += Double(max(0, now - entry.score)) }
            sum.count += entries.count
            sums[sample.partition] = sum
        }
        // Each partition counts by its size, however many of it were sampled. What ended meanwhile is not there.
        var total = 0.0
        var weight = 0.0
        for (partition, count) in counts {
            guard let sum = sums[partition], sum.count > 0 else { continue }
            total += sum.ages / Double(sum.count) * Double(count)
            weight += Double(count)
        }
        return weight > 0 ? .milliseconds(Int64(total / weight)) : nil
    }

    /// Figures of the sessions that match, which are looked at one by one.
    /// - Parameter scan: looks at this many at most; the figures are partial when there are more.
    package func statistics(
        of filter: SessionFilter,
        scan: Int,
        epoch: UInt64
    ) async throws(StoreError) -> InstallationStatistics {
        var filter = filter
        filter.statuses = SessionFilter.everyStatus
        var statistics = InstallationStatistics()
        var sessionsOfUser: [UserID: Int] = [:]
        var ages: Int64 = 0
        var walk = SessionWalk(self, filter, epoch: epoch, expected: scan)
        let now = try await self.timeAndEpoch().time
        var looked = 0
        while let step = try await walk.step(min(1000, max(1, scan - looked))) {
            if looked >= scan {
                statistics.isPartial = true
                break
            }
            looked += 1000
            for match in step.matches {
                guard match.overview.end == nil else {
                    statistics.ended += 1
                    continue
                }
                statistics.active += 1
                sessionsOfUser[match.overview.session.user, default: 0] += 1
                ages += max(0, now.milliseconds - match.overview.session.createdAt.milliseconds)
            }
        }
        statistics.users = sessionsOfUser.count
        statistics.crowdedUsers = sessionsOfUser.values.count { $0 > InstallationStatistics.crowdThreshold }
        if statistics.active > 0 {
            statistics.averageAge = .milliseconds(ages / Int64(statistics.active))
        }
        return statistics
    }

    /// A counter that nobody has written yet, or that is no number, is 0; so is one below.
    private static func counter(_ value: RedisValue) -> Int { max(0, value.string.flatMap { Int($0) } ?? 0) }
}
