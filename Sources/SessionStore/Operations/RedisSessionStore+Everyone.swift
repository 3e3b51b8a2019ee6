package import RedisClient
package import SessionCore

extension RedisSessionStore {
    /// Ends every session there is by raising the epoch. The records are deleted by ``sweep(before:_:)``.
    /// - Returns: the new epoch.
    package func bumpEpoch(
        _ ending: Ending,
        origin: RevocationMessage.Origin?
    ) async throws(StoreError) -> Published<UInt64> {
        let (replies, nodes) = try await self.publishing([self.calls.everyone(ending, origin: origin)])
        let answer = try replies.value(0, of: "everyone").answer(of: "everyone")
        guard let epoch = UInt64(exactly: try answer.number(0, of: "everyone")) else {
            throw .corrupt("answer of everyone")
        }
        return Published(epoch, nodes: nodes)
    }

    /// Deletes the sessions of epochs before `epoch`, in all partitions, in small steps.
    /// - Returns: how many there were.
    package func sweep(before epoch: UInt64, _ ending: Ending) async throws(StoreError) -> Int {
        var total = 0
        // Partitions go on side by side, in pipelines; most are done after the first step.
        var open = Partition.all.map { (partition: $0, offset: 0, endedInPass: 0) }
        while !open.isEmpty {
            let replies = try await self.runAll(
                open.map {
                    self.calls.sweep(
                        $0.partition,
                        before: epoch,
                        ending,
                        offset: $0.offset,
                        batch: Self.endBatch
                    )
                }
            )
            var next: [(partition: Partition, offset: Int, endedInPass: Int)] = []
            for (step, reply) in zip(open, replies) {
                let answer = try reply.answer(of: "sweep")
                let offset = try answer.number(0, of: "sweep")
                let ended = try answer.number(2, of: "sweep")
                total += ended
                if offset >= 0 {
                    next.append((step.partition, offset, step.endedInPass + ended))
                } else if step.offset > 0, step.endedInPass + ended > 0 {
                    // What ended on its own meanwhile may have shifted others past the walk.
                    next.append((step.partition, 0, 0))
                }
            }
            open = next
        }
        return total
    }

    /// Applies again what another Redis may have lost: asynchronous replication forgets, nodes do not.
    /// - Parameter target: a connection to the new server, before it is used for anything else.
    /// - Returns: the epoch that holds now.
    package func reapply(
        sessions: [SessionID],
        epoch: UInt64,
        over target: any RedisCommandTarget
    ) async throws(StoreError) -> UInt64 {
        let ending = Ending(.revoked, reason: "applied again after a change of server")
        let calls = Self.batches(of: sessions).map {
            self.calls.end($0.ids, in: $0.partition, ending, onlyOf: nil, origin: nil)
        }
        for reply in try await self.runAll(calls, over: target) { _ = try reply.answer(of: "end_sessions") }
        let present = try await self.run(self.calls.raiseEpoch(to: epoch), over: target)
        guard let result = UInt64(exactly: try present.number(of: "answer of raise_epoch")) else {
            throw .corrupt("answer of raise_epoch")
        }
        return result
    }
}
