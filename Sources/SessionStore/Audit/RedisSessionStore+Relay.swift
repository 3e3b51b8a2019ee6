import RedisClient
package import SessionCore

extension RedisSessionStore {
    /// How far the log has come.
    package func relayState() async throws(StoreError) -> RelayState {
        let replies = try await self.pipeline([RedisCommand("HGETALL").key(self.keys.relay)])
        let list = try replies.value(0, of: "HGETALL").answer(of: "HGETALL")
        var fields: [String: RedisValue] = [:]
        for index in stride(from: 0, to: list.count - 1, by: 2) {
            fields[list[index].string ?? ""] = list[index + 1]
        }
        var state = RelayState()
        if let head = fields["head"] {
            guard let digest = head.bytes.flatMap({ Digest256(bytes: $0) }), let total = fields["total"]?.int
            else { throw .corrupt("\(self.keys.relay)") }
            state.chain = AuditChain(head: digest, count: total)
        }
        for stream in SourceStream.all {
            let cursor = RelayState.Cursor(text: fields[stream.description]?.string)
            if cursor != RelayState.Cursor() { state[stream] = cursor }
        }
        return state
    }

    /// What the event streams hold that is not in the log yet, at most `limit` of each.
    ///
    /// A stream is read from the event that was read last on: while that one is still there, nothing behind it has
    /// been let go of. Where it is gone, a script counts, so that nothing changes between counting and reading.
    package func readEvents(
        after state: RelayState,
        limit: Int
    ) async throws(StoreError) -> [StreamRead] {
        var reads: [StreamRead] = []
        var doubtful: [SourceStream] = []
        var start = 0
        let streams = SourceStream.all
        while start < streams.count {
            // In pieces: the connection is one that checks use.
            let some = streams[start..<min(start + 64, streams.count)]
            let replies = try await self.pipeline(
                some.map {
                    RedisCommand("XRANGE").key(self.keys.events($0)).arg(state[$0].position).arg("+")
                        .arg("COUNT").arg(limit + 1)
                },
                timeout: self.walkTimeout
            )
            for (stream, reply) in zip(some, replies) {
                let found = try self.events(in: reply, of: stream)
                guard let first = found.first else { continue }
                if first.position == state[stream].position {
                    if found.count > 1 { reads.append(StreamRead(stream, events: Array(found.dropFirst()))) }
                } else {
                    doubtful.append(stream)
                }
            }
            start += some.count
        }
        let calls = doubtful.map { self.calls.logRead($0, after: state[$0].position, limit: limit) }
        for (stream, reply) in zip(doubtful, try await self.runAll(calls)) {
            let answer = try reply.answer(of: "log_read")
            let gone = try answer.number(0, of: "log_read") - answer.number(1, of: "log_read")
            let events = try self.events(in: try answer.value(2, of: "log_read"), of: stream)
            let read = state[stream].read
            let hasBegunAnew = try answer.number(0, of: "log_read") < read
            reads.append(
                StreamRead(
                    stream,
                    lost: max(0, hasBegunAnew ? gone : gone - read),
                    hasBegunAnew: hasBegunAnew,
                    events: events
                )
            )
        }
        return reads
    }

    /// Lets go of events that are in the log. The last one read stays: it shows that nothing behind it is missing.
    package func trimEvents(of streams: [SourceStream], readUpTo state: RelayState) async throws(StoreError) {
        let replies = try await self.pipeline(
            streams.map {
                RedisCommand("XTRIM").key(self.keys.events($0)).arg("MINID").arg("~").arg(state[$0].position)
            }
        )
        for reply in replies { _ = try reply.number(of: "answer of XTRIM") }
    }

    /// Appends a batch to the log, if the log is still as the batch takes it to be.
    /// - Returns: whether it was. If not, another relay was faster, or this batch has been appended before and the
    ///   answer was lost: read the state again.
    package func append(_ batch: RelayBatch, _ limits: AuditLimits) async throws(StoreError) -> Bool {
        let answer = try await self.run(self.calls.logAppend(batch, limits), timeout: self.walkTimeout)
            .answer(of: "log_append")
        switch answer.first?.string {
        case "ok": return true
        case "stale": return false
        default: throw .corrupt("answer of log_append")
        }
    }

    /// Records attempts that were refused; at most 200.
    /// - Parameter dropped: how many more there were.
    package func record(_ attempts: [RefusedAttempt], dropped: Int) async throws(StoreError) {
        guard !attempts.isEmpty || dropped > 0 else { return }
        _ = try await self.run(self.calls.refused(attempts, dropped: dropped)).number(of: "answer of refused")
    }
}
