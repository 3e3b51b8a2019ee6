package import RedisClient
package import SessionCore

extension RedisSessionStore {
    /// Compares the layout stated in this Redis with ours; states it where there is none yet.
    /// - Throws: ``StoreError/incompatible(_:)``, in words for the operator.
    package func verifyLayout(over target: any RedisCommandTarget) async throws(StoreError) {
        let answer = try await self.run(self.calls.meta(layout: Self.layout), over: target).answer(of: "meta")
        let layout = try answer.value(0, of: "meta").int
        let partitions = try answer.value(1, of: "meta").int
        guard layout == Self.layout, partitions == Int(Partition.count) else {
            throw .incompatible(
                """
                \(self.keys.meta) says layout \(layout.map(String.init) ?? "?") with \
                \(partitions.map(String.init) ?? "?") partitions; this version needs layout \(Self.layout) with \
                \(Partition.count). Use another key prefix or another Redis.
                """
            )
        }
    }

    /// Writes this node's lease and sends the ping that renews it when it comes back over the subscription.
    package func heartbeat(
        node: NodeID,
        lease: Duration,
        information: String,
        sequence: UInt64
    ) async throws(StoreError) -> (time: Timestamp, epoch: UInt64) {
        let answer = try await self.run(
            self.calls.heartbeat(node: node, lease: lease, information: information, sequence: sequence)
        ).answer(of: "heartbeat")
        guard let epoch = UInt64(exactly: try answer.number(1, of: "heartbeat")) else {
            throw .corrupt("answer of heartbeat")
        }
        return (Timestamp(milliseconds: Int64(try answer.number(0, of: "heartbeat"))), epoch)
    }

    /// Redis's time and the epoch; writes nothing.
    package func timeAndEpoch() async throws(StoreError) -> (time: Timestamp, epoch: UInt64) {
        let replies = try await self.pipeline([
            RedisCommand("TIME").routed(by: self.keys.epoch), self.epochCommand(),
        ])
        guard let epoch = self.decodeEpoch(try replies.value(1, of: "GET").orThrow()) else {
            throw .corrupt("\(self.keys.epoch)")
        }
        return (try Self.time(in: try replies.value(0, of: "TIME")), epoch)
    }

    /// Redis's time and the epoch, of the server at the other end.
    package func timeAndEpoch(
        over connection: RedisConnection
    ) async throws(StoreError) -> (time: Timestamp, epoch: UInt64) {
        let (time, epoch) = try await translating { () async throws(RedisError) in
            (try await connection.send(RedisCommand("TIME")), try await connection.send(self.epochCommand()))
        }
        guard let epoch = self.decodeEpoch(epoch) else { throw .corrupt("\(self.keys.epoch)") }
        return (try Self.time(in: time), epoch)
    }

    /// Whether the server at the other end knows of other nodes, however old their entries are.
    package func hasOtherNodes(
        besides node: NodeID,
        over connection: RedisConnection
    ) async throws(StoreError) -> Bool {
        let fields = try await translating { () async throws(RedisError) in
            try await connection.send(RedisCommand("HKEYS").key(self.keys.nodes))
        }
        return (fields.elements ?? []).contains { $0.string != node.description }
    }

    /// Takes a node out of the list: it is going away and has no lease any more.
    package func deregister(_ node: NodeID) async throws(StoreError) {
        _ = try await translating { () async throws(RedisError) in
            try await self.client.send(
                RedisCommand("HDEL").key(self.keys.nodes).arg(node.description),
                timeout: nil
            )
        }
    }

    /// All nodes, also those whose lease has been over for less than a minute.
    package func nodes() async throws(StoreError) -> [NodeEntry] {
        try self.nodes(in: try await self.run(self.calls.nodes(onlyLive: false)))
    }

    func nodes(in value: RedisValue) throws(StoreError) -> [NodeEntry] {
        let answer = try value.answer(of: "nodes")
        var entries: [NodeEntry] = []
        var index = 1
        while index < answer.count {
            // An entry that is not ours cannot acknowledge; it cannot hold a lease either.
            if let node = answer[index].string.flatMap({ NodeID($0) }) {
                entries.append(
                    NodeEntry(
                        node: node,
                        remaining: .milliseconds(try answer.number(index + 1, of: "nodes")),
                        information: try answer.value(index + 2, of: "nodes").string ?? ""
                    )
                )
            }
            index += 3
        }
        return entries
    }

    /// Reads the answer to TIME: seconds and microseconds.
    static func time(in value: RedisValue) throws(StoreError) -> Timestamp {
        let answer = try value.answer(of: "TIME")
        let seconds = try answer.number(0, of: "TIME")
        let microseconds = try answer.number(1, of: "TIME")
        return Timestamp(milliseconds: Int64(seconds) &* 1000 &+ Int64(microseconds / 1000))
    }
}
