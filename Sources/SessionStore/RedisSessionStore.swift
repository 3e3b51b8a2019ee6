package import Logging
package import RedisClient
package import SessionCore

/// The sessions in Redis. Where a reader looks first: ``Keys`` for the layout, `Lua/` for what happens to it.
///
/// Every state change is one script, so it happens wholly or not at all, at Redis's time, and together with
/// its event and its publication.
package final class RedisSessionStore: Sendable {
    /// Version of the layout, in `meta`.
    package static let layout = 2

    /// All names.
    package let keys: Keys
    let client: RedisClient
    let calls: StoreCalls
    let retention: Duration
    let logger: Logger
    /// How long a walk over all partitions may wait for one answer: longer than a check, nobody's page hangs
    /// on it.
    let walkTimeout: Duration = .seconds(5)

    /// - Parameters:
    ///   - retention: how long ended sessions stay visible.
    ///   - eventsPerPartition: about how many events a stream keeps at most until they are in the log.
    package init(
        client: RedisClient,
        keys: Keys = Keys(),
        retention: Duration,
        eventsPerPartition: Int = 10_000,
        logger: Logger
    ) {
        self.client = client
        self.keys = keys
        self.retention = retention
        self.calls = StoreCalls(keys: keys, retention: retention, eventsPerPartition: eventsPerPartition)
        self.logger = logger
    }

    // MARK: Check

    /// Reads a live record and starts its idle timeout anew: `GETEX key PX ttl`. Creates nothing.
    package func readCommand(_ id: SessionID, timeToLive: Duration) -> RedisCommand {
        RedisCommand("GETEX").key(self.keys.live(id)).arg("PX").arg(max(1, timeToLive.inMilliseconds))
    }

    /// Reads the epoch.
    package func epochCommand() -> RedisCommand { RedisCommand("GET").key(self.keys.epoch) }

    /// Reads the answer to ``readCommand(_:timeToLive:)``; `nil` when there is no such session.
    package func decodeRecord(_ value: RedisValue, id: SessionID) throws(StoreError) -> SessionRecord? {
        try RecordCodec.decode(value, id: id)
    }

    /// Reads the answer to ``epochCommand()``. Nobody has raised the epoch yet: 0.
    package func decodeEpoch(_ value: RedisValue) -> UInt64? {
        switch value {
        case .null: 0
        case .integer(let epoch): UInt64(exactly: epoch)
        case .bulk, .simple: value.string.flatMap { UInt64($0) }
        case .array, .error: nil
        }
    }

    /// Starts idle timeouts anew, in one pipeline.
    /// - Parameter onlyExtending: leaves a TTL that is longer alone, as another node has set it meanwhile.
    /// - Returns: for each, whether the TTL was set; without `onlyExtending`, whether the session is still there.
    package func touch(
        _ sessions: [(SessionID, Duration)],
        onlyExtending: Bool = false
    ) async throws(StoreError) -> [Bool] {
        let replies = try await self.pipeline(
            sessions.map { id, timeToLive in
                let command = RedisCommand("PEXPIRE").key(self.keys.live(id))
                    .arg(max(1, timeToLive.inMilliseconds))
                return onlyExtending ? command.arg("GT") : command
            }
        )
        var results: [Bool] = []
        for reply in replies { results.append(try reply.number(of: "answer of PEXPIRE") == 1) }
        return results
    }

    /// Tells `node` that its broadcast `number` has been applied on the node `from`.
    package func acknowledgement(to node: NodeID, number: UInt64, from: NodeID) -> RedisCommand {
        let message = RevocationMessage.acknowledged(node: from, number: number)
        return RedisCommand("PUBLISH").arg(self.keys.channel(of: node)).arg(message.text)
            .routed(by: self.keys.nodes)
    }

    // MARK: Running

    /// Runs scripts that publish, and then reads who has to acknowledge: in that order, for whoever registers
    /// after the publication cannot have a copy that is older (docs/architecture.md).
    ///
    /// Only the last call may carry the origin. Messages reach a subscriber in the order of their
    /// publication, so the acknowledgement of the last one stands for all; two messages of one origin would
    /// be confused. In a Cluster, where `nodes` lies in another slot, this is the place to make the reading a
    /// second step.
    func publishing(_ calls: [ScriptCall]) async throws(StoreError) -> (
        replies: [RedisValue], nodes: [RevocationBroadcaster.NodeLease]
    ) {
        var replies = try await translating { () async throws(RedisError) in
            try await self.client.runInOrder(calls + [self.calls.nodes(onlyLive: true)], timeout: nil)
        }
        guard replies.count == calls.count + 1, let entries = replies.popLast() else {
            throw .corrupt("answer of a pipeline")
        }
        for reply in replies { _ = try reply.orThrow() }
        return (
            replies,
            try self.nodes(in: entries).map {
                RevocationBroadcaster.NodeLease(node: $0.node, remaining: $0.remaining)
            }
        )
    }

    /// Runs one script.
    func run(
        _ call: ScriptCall,
        over target: (any RedisCommandTarget)? = nil,
        timeout: Duration? = nil
    ) async throws(StoreError) -> RedisValue {
        let target = target ?? self.client
        return try await translating { () async throws(RedisError) in
            try await target.evaluate(
                call.script,
                keys: call.keys,
                arguments: call.arguments,
                timeout: timeout
            )
        }
    }

    /// Sends commands in pipelines of bounded size, so that none crowds the connection that checks share.
    func pipeline(_ commands: [RedisCommand], timeout: Duration? = nil) async throws(StoreError)
        -> [RedisValue]
    {
        var replies: [RedisValue] = []
        var start = 0
        while start < commands.count {
            let end = min(start + 512, commands.count)
            let chunk = Array(commands[start..<end])
            replies += try await translating { () async throws(RedisError) in
                try await self.client.pipeline(chunk, timeout: timeout)
            }
            start = end
        }
        guard replies.count == commands.count else { throw .corrupt("answer of a pipeline") }
        return replies
    }

    /// Runs scripts of all partitions in bounded pipelines.
    func runAll(
        _ calls: [ScriptCall],
        over target: (any RedisCommandTarget)? = nil
    ) async throws(StoreError) -> [RedisValue] {
        let target = target ?? self.client
        var replies: [RedisValue] = []
        var start = 0
        while start < calls.count {
            let end = min(start + 64, calls.count)
            let chunk = Array(calls[start..<end])
            replies += try await translating { () async throws(RedisError) in
                try await target.runInOrder(chunk, timeout: self.walkTimeout)
            }
            start = end
        }
        guard replies.count == calls.count else { throw .corrupt("answer of a pipeline") }
        return replies
    }
}
