package import RedisClient
package import SessionCore

/// Every key and channel name there is.
///
/// | key | type | what |
/// |---|---|---|
/// | `pc:{p}:s:<id>` | string, TTL = idle timeout | live record; its existence is the session's being active |
/// | `pc:{p}:m:<id>` | string | details, and how the session ended |
/// | `pc:{p}:j:<id>` | string | the application's document, `version:json` |
/// | `pc:{p}:a:<id>` | stream | what was done with the session, newest last |
/// | `pc:{p}:u:<user>` | sorted set, score = created | a user's sessions |
/// | `pc:{p}:all` | sorted set, score = created | all sessions of the partition |
/// | `pc:{p}:due` | sorted set, score = expected deadline | what the janitor looks at next |
/// | `pc:{p}:end` | sorted set, score = ended at | history |
/// | `pc:{p}:n` | hash | counts users who have a session (`users`) and users who have more than 5 (`crowded`) |
/// | `pc:{p}:ev`, `pc:{g}:ev` | stream | every state change, until it is in the log |
/// | `pc:{g}:rf` | stream | refused attempts, until they are in the log: a flood of them must not displace changes |
/// | `pc:{g}:log` | stream | all of them in one order: `p` the hash before the entry, `e` the entry (``AuditRecord``) |
/// | `pc:{g}:relay` | hash | `head`, `total`, `last`, `lag` of the log; how far each event stream has been read |
/// | `pc:{g}:rates` | hash | minute modulo 1,440 → `minute logins revocations expiries refusals` |
/// | `pc:{g}:leases` | hash | what one node at a time does → node and end of its lease |
/// | `pc:{g}:epoch` | string | sessions of a lower epoch have ended |
/// | `pc:{g}:sweep` | hash | `epoch actor reason from`: sessions of lower epochs are still to be deleted |
/// | `pc:{g}:settings` | string | what was set at run time, `version:time:json` |
/// | `pc:{g}:nodes` | hash | node → end of its lease and what it says of itself |
/// | `pc:{g}:webhooks` | hash | receiver of webhooks → how far it has got |
/// | `pc:{g}:meta` | hash | version of this layout, number of partitions |
///
/// `p` is the partition of the user id, in decimal; `<id>` the last 16 digits of a session id; `<user>` is
/// ``UserID/key``. The braces are the hash tag: all keys of a partition lie in one Cluster slot.
package struct Keys: Sendable {
    /// What all names begin with.
    package let prefix: String
    /// Where revocations are published: `pc:revoke`, and `pc:revoke@1` of database 1.
    package let revocationChannel: String
    /// `pc:{g}:epoch`.
    package let epoch: RedisKey
    /// `pc:{g}:sweep`.
    package let sweep: RedisKey
    /// `pc:{g}:settings`.
    package let settings: RedisKey
    /// `pc:{g}:nodes`.
    package let nodes: RedisKey
    /// `pc:{g}:meta`.
    package let meta: RedisKey
    /// `pc:{g}:ev`.
    package let globalEvents: RedisKey
    /// `pc:{g}:rf`.
    package let refusals: RedisKey
    /// `pc:{g}:log`.
    package let log: RedisKey
    /// `pc:{g}:relay`.
    package let relay: RedisKey
    /// `pc:{g}:rates`.
    package let rates: RedisKey
    /// `pc:{g}:leases`.
    package let leases: RedisKey
    /// `pc:{g}:webhooks`.
    package let webhooks: RedisKey
    private let bases: [[UInt8]]

    /// - Parameters:
    ///   - prefix: sets several installations in one database apart.
    ///   - database: the number of the database that is selected. Channels ignore it (Redis, "Pub/Sub": "Database &
    ///     Scoping"), so it is part of their name: what is published in one database must not be applied by the nodes
    ///     of another.
    package init(prefix: String = "pc", database: Int = 0) {
        self.prefix = prefix
        self.revocationChannel = database == 0 ? "\(prefix):revoke" : "\(prefix):revoke@\(database)"
        self.epoch = RedisKey("\(prefix):{g}:epoch")
        self.sweep = RedisKey("\(prefix):{g}:sweep")
        self.settings = RedisKey("\(prefix):{g}:settings")
        self.nodes = RedisKey("\(prefix):{g}:nodes")
        self.meta = RedisKey("\(prefix):{g}:meta")
        self.globalEvents = RedisKey("\(prefix):{g}:ev")
        self.refusals = RedisKey("\(prefix):{g}:rf")
        self.log = RedisKey("\(prefix):{g}:log")
        self.relay = RedisKey("\(prefix):{g}:relay")
        self.rates = RedisKey("\(prefix):{g}:rates")
        self.leases = RedisKey("\(prefix):{g}:leases")
        self.webhooks = RedisKey("\(prefix):{g}:webhooks")
        self.bases = (0..<Partition.count).map { Array("\(prefix):{\($0)}:".utf8) }
    }

    /// A node's own channel: pings and acknowledgements.
    package func channel(of node: NodeID) -> String { "\(self.prefix):node:\(node)" }

    package func live(_ id: SessionID) -> RedisKey { self.key(id, "s") }
    package func details(_ id: SessionID) -> RedisKey { self.key(id, "m") }
    package func document(_ id: SessionID) -> RedisKey { self.key(id, "j") }
    package func activity(_ id: SessionID) -> RedisKey { self.key(id, "a") }
    package func sessions(of user: UserID) -> RedisKey { self.key(Partition(of: user), "u:" + user.key) }
    package func all(_ partition: Partition) -> RedisKey { self.key(partition, "all") }
    package func due(_ partition: Partition) -> RedisKey { self.key(partition, "due") }
    package func ended(_ partition: Partition) -> RedisKey { self.key(partition, "end") }
    package func events(_ partition: Partition) -> RedisKey { self.key(partition, "ev") }
    package func counters(_ partition: Partition) -> RedisKey { self.key(partition, "n") }

    /// What a partition's keys begin with, such as `pc:{5}:`.
    package func base(_ partition: Partition) -> String {
        String(decoding: self.bases[Int(partition.index)], as: UTF8.self)
    }

    private func key(_ partition: Partition, _ rest: String) -> RedisKey {
        RedisKey(bytes: self.bases[Int(partition.index)] + rest.utf8)
    }

    /// Every check that asks Redis makes one of these: no strings.
    private func key(_ id: SessionID, _ kind: Unicode.Scalar) -> RedisKey {
        let base = self.bases[Int(id.partition.index)]
        var bytes: [UInt8] = []
        bytes.reserveCapacity(base.count + 18)
        bytes += base
        bytes.append(UInt8(ascii: kind))
        bytes.append(UInt8(ascii: ":"))
        id.appendKey(to: &bytes)
        return RedisKey(bytes: bytes)
    }
}
