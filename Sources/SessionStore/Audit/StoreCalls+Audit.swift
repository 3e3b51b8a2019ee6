package import RedisClient
package import SessionCore

extension StoreCalls {
    package func lease(_ name: String, _ owner: NodeID, _ length: Duration) -> ScriptCall {
        ScriptCall(
            StoreScripts.lease,
            keys: [self.keys.leases],
            arguments: [
                .string(name), .string(owner.description), .integer(Int(length.inMilliseconds)),
            ]
        )
    }

    package func logRead(_ stream: SourceStream, after position: String, limit: Int) -> ScriptCall {
        ScriptCall(
            StoreScripts.logRead,
            keys: [self.keys.events(stream)],
            arguments: [.string(position), .integer(limit)]
        )
    }

    package func logAppend(_ batch: RelayBatch, _ limits: AuditLimits) -> ScriptCall {
        let hasHead = batch.before.chain != AuditChain()
        let streams = batch.streams.map { stream in
            (stream, batch.before[stream].text, batch.after[stream].text)
        }
        var arguments: [RedisArgument] = [
            hasHead ? .bytes(batch.before.chain.head.bytes) : "", .bytes(batch.after.chain.head.bytes),
            .integer(batch.after.chain.count),
            .string(batch.oldest.map { String($0.milliseconds) } ?? ""),
            .integer(Int(limits.retention.inMilliseconds)), .integer(limits.entries),
            .integer(streams.count), .integer(batch.rates.count),
        ]
        for (stream, before, after) in streams {
            arguments += [.string(stream.description), .string(before), .string(after)]
        }
        for (minute, rate) in batch.rates {
            arguments += [
                .integer(Int(minute)), .integer(rate.logins), .integer(rate.revocations),
                .integer(rate.expiries),
                .integer(rate.refusals),
            ]
        }
        for link in batch.links { arguments += [.bytes(link.previous.bytes), .bytes(link.content)] }
        return ScriptCall(
            StoreScripts.logAppend,
            keys: [self.keys.log, self.keys.relay, self.keys.rates],
            arguments: arguments
        )
    }

    package func refused(_ attempts: [RefusedAttempt], dropped: Int) -> ScriptCall {
        var arguments: [RedisArgument] = [.integer(self.eventsPerPartition)]
        for attempt in attempts {
            arguments += [
                .string(EventKind.refused.rawValue), .string(attempt.session?.description ?? ""),
                .string(attempt.user ?? ""), .string(attempt.organization ?? ""),
                .string(attempt.actor ?? ""),
                .string(attempt.from ?? ""), .string(attempt.call), .string(attempt.code), 1,
            ]
        }
        if dropped > 0 {
            arguments += [
                .string(EventKind.refusalsDropped.rawValue), "", "", "", "", "", "", "", .integer(dropped),
            ]
        }
        return ScriptCall(StoreScripts.refused, keys: [self.keys.refusals], arguments: arguments)
    }
}
