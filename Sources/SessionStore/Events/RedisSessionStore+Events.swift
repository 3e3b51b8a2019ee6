import RedisClient
package import SessionCore

extension RedisSessionStore {
    /// What the log holds after a position, oldest first.
    /// - Parameters:
    ///   - position: of the last entry known; `nil` for the oldest kept.
    ///   - limit: at most this many, and at most 1,000.
    package func log(after position: AuditPosition?, limit: Int) async throws(StoreError) -> [AuditEntry] {
        try await self.links(after: position, limit: limit).map { AuditEntry(position: $0.position, $0.link) }
    }

    /// The first and the last position kept; `nil` when the log is empty.
    package func logBounds() async throws(StoreError) -> (first: AuditPosition, last: AuditPosition)? {
        let replies = try await self.pipeline([
            RedisCommand("XRANGE").key(self.keys.log).arg("-").arg("+").arg("COUNT").arg(1),
            RedisCommand("XREVRANGE").key(self.keys.log).arg("+").arg("-").arg("COUNT").arg(1),
        ])
        // Entries may be let go of between the two; the last one is read later and is not older.
        guard let first = try self.links(in: try replies.value(0, of: "XRANGE")).first?.position,
            let last = try self.links(in: try replies.value(1, of: "XREVRANGE")).first?.position
        else { return nil }
        return (first, last)
    }

    /// The last minutes, oldest first, the present one included; those without an event are there too.
    /// - Parameter minutes: 1 to 1,440.
    package func rates(minutes: Int) async throws(StoreError) -> [MinuteRate] {
        let count = min(max(minutes, 1), MinuteRate.kept)
        let replies = try await self.pipeline([
            RedisCommand("TIME").routed(by: self.keys.rates), RedisCommand("HGETALL").key(self.keys.rates),
        ])
        let now = try Self.time(in: try replies.value(0, of: "TIME")).milliseconds / MinuteRate.length
        let fields = try replies.value(1, of: "HGETALL").answer(of: "HGETALL")
        var known: [Int64: [Int]] = [:]
        for index in stride(from: 1, to: fields.count, by: 2) {
            let numbers = (fields[index].string ?? "").split(separator: " ").compactMap { Int($0) }
            guard numbers.count == 5 else { continue }
            known[Int64(numbers[0])] = numbers
        }
        return (0..<count).map { index in
            let minute = now - Int64(count - 1 - index)
            let start = Timestamp(milliseconds: minute * MinuteRate.length)
            guard let numbers = known[minute] else { return MinuteRate(minute: start) }
            return MinuteRate(
                minute: start,
                logins: numbers[1],
                revocations: numbers[2],
                expiries: numbers[3],
                refusals: numbers[4]
            )
        }
    }

    /// Entries as they are kept, oldest first.
    func links(
        after position: AuditPosition?,
        limit: Int
    ) async throws(StoreError) -> [(position: AuditPosition, link: AuditChain.Link)] {
        let replies = try await self.pipeline(
            [
                RedisCommand("XRANGE").key(self.keys.log).arg(position.map { "(\($0)" } ?? "-").arg("+")
                    .arg("COUNT").arg(min(max(limit, 1), 1000))
            ],
            timeout: self.walkTimeout
        )
        return try self.links(in: try replies.value(0, of: "XRANGE"))
    }

    /// Reads the answer of a range over the log. What is no entry of ours is given as one that cannot be read.
    func links(
        in value: RedisValue
    ) throws(StoreError) -> [(position: AuditPosition, link: AuditChain.Link)] {
        var links: [(position: AuditPosition, link: AuditChain.Link)] = []
        for entry in try value.answer(of: "the log") {
            guard let parts = entry.elements, parts.count == 2,
                let position = parts[0].string.flatMap({ AuditPosition($0) })
            else { throw .corrupt("\(self.keys.log)") }
            var previous: Digest256?
            var content: [UInt8] = []
            let fields = parts[1].elements ?? []
            for index in stride(from: 0, to: fields.count - 1, by: 2) {
                switch fields[index].string {
                case "p": previous = fields[index + 1].bytes.flatMap { Digest256(bytes: $0) }
                case "e": content = fields[index + 1].bytes ?? []
                default: break
                }
            }
            links.append(
                (position, AuditChain.Link(previous: previous ?? AuditChain.origin, content: content))
            )
        }
        return links
    }
}
