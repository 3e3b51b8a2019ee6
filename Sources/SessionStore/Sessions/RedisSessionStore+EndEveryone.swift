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

    /// What is still to be deleted after everyone was logged out; `nil` when nothing is.
    /// - Returns: the epoch whose predecessors' sessions are to go, and who ended them and why.
    package func pendingSweep() async throws(StoreError) -> (epoch: UInt64, ending: Ending)? {
        let command = RedisCommand("HMGET").key(self.keys.sweep).arg("epoch").arg("actor").arg("reason").arg(
            "from"
        )
        let fields = try await self.pipeline([command]).value(0, of: "HMGET").answer(of: "HMGET")
        guard let text = fields.first?.string else { return nil }
        guard let epoch = UInt64(text) else { throw .corrupt("\(self.keys.sweep)") }
        func field(_ index: Int) -> String? {
            guard fields.indices.contains(index), let text = fields[index].string, !text.isEmpty else {
                return nil
            }
            return text
        }
        return (epoch, Ending(.revoked, by: field(1), reason: field(2), from: field(3)))
    }

    /// Notes that nothing of earlier epochs is left.
    package func finishSweep(before epoch: UInt64) async throws(StoreError) {
        _ = try await self.run(self.calls.sweepDone(epoch)).number(of: "answer of sweep_done")
    }

    /// Deletes the sessions of epochs before `epoch`, in all partitions, in small steps. Where their events come
    /// faster than they reach the log, it waits for that, a few seconds at most.
    /// - Returns: how many there were.
    package func sweep(before epoch: UInt64, _ ending: Ending) async throws(StoreError) -> Int {
        var total = 0
        // Pauses of 100 ms. A log that is not written must not keep the sessions for ever.
        var patience = 600
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
            var backlog = 0
            for (step, reply) in zip(open, replies) {
                let answer = try reply.answer(of: "sweep")
                let offset = try answer.number(0, of: "sweep")
                let ended = try answer.number(2, of: "sweep")
                total += ended
                backlog = max(backlog, try answer.number(3, of: "sweep"))
                if offset >= 0 {
                    next.append((step.partition, offset, step.endedInPass + ended))
                } else if step.offset > 0, step.endedInPass + ended > 0 {
                    // What ended on its own meanwhile may have shifted others past the walk.
                    next.append((step.partition, 0, 0))
                }
            }
            open = next
            if backlog > self.calls.eventsPerPartition / 2, patience > 0, !open.isEmpty {
                patience -= 1
                try? await Task.sleep(for: .milliseconds(100))
            }
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
