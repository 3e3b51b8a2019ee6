package import RedisClient
package import SessionCore

/// Puts together the keys and arguments of every script, in the order of the script's header (a test
/// compares).
package struct StoreCalls: Sendable {
    package let keys: Keys
    let retention: Duration
    let eventsPerPartition: Int

    package init(keys: Keys, retention: Duration, eventsPerPartition: Int) {
        self.keys = keys
        self.retention = retention
        self.eventsPerPartition = eventsPerPartition
    }

    private var retentionMs: RedisArgument { .integer(Int(clamping: self.retention.inMilliseconds)) }
    private var maxlen: RedisArgument { .integer(self.eventsPerPartition) }
    private var channel: RedisArgument { .string(self.keys.revocationChannel) }

    private func text(_ origin: RevocationMessage.Origin?) -> RedisArgument {
        .string(origin.map(\.description) ?? "-")
    }

    /// The four digits that a partition has in a session id.
    private func text(_ partition: Partition) -> RedisArgument {
        .string(String(SessionID(partition: partition, value: 0).description.prefix(4)))
    }

    /// all, due, ev, end.
    private func indexes(_ partition: Partition) -> [RedisKey] {
        [
            self.keys.all(partition), self.keys.due(partition), self.keys.events(partition),
            self.keys.ended(partition),
        ]
    }

    package func create(
        _ order: CreateOrder,
        origin: RevocationMessage.Origin?,
        barrier: Bool
    ) -> ScriptCall {
        let details = DetailsCodec.encode(order)
        let precision = SessionPolicy.touchPrecision(forIdleTimeout: order.idleTimeout)
        // A day more than anybody wants to see them: the details name the user's index, which the janitor must still
        // find when it was away.
        let kept = order.absoluteDeadline + self.retention + .seconds(86_400)
        let mayEnd = order.replacing != nil || barrier
        let room = mayEnd ? 0 : order.limit == 0 ? Int.max : order.limit
        let otherwise = [
            String(order.limit), order.behavior.rawValue, order.replacing?.key ?? "-", String(order.epoch),
            String(self.retention.inMilliseconds), barrier ? "1" : "0", origin?.description ?? "-",
            self.keys.revocationChannel,
        ]
        return ScriptCall(
            StoreScripts.create,
            keys: [self.keys.sessions(of: order.request.user)] + self.indexes(order.id.partition) + [
                self.keys.live(order.id), self.keys.details(order.id), self.keys.document(order.id),
            ],
            arguments: [
                .string(order.id.key), .bytes(RecordCodec.head(order)), .bytes(RecordCodec.rest(order)),
                .string(details.head), .string(details.rest),
                .string(order.request.data ?? ""), .string(order.request.user.text),
                .string(order.request.organization ?? ""), .string(order.actor ?? ""),
                .string(order.request.details.ipAddress ?? ""), self.maxlen,
                .integer(Int(order.now.milliseconds)),
                .integer(Int((order.idleTimeout + precision).inMilliseconds)),
                .integer(Int(order.absoluteDeadline.milliseconds)), .integer(Int(kept.milliseconds)),
                .integer(room), .string(otherwise.joined(separator: " ")),
            ]
        )
    }

    package func rotate(
        _ id: SessionID,
        presented: Digest256,
        successor: Digest256,
        grace: Duration,
        by actor: String? = nil,
        from: String? = nil,
        epoch: UInt64,
        isSpaced: Bool,
        origin: RevocationMessage.Origin?
    ) -> ScriptCall {
        ScriptCall(
            StoreScripts.rotate,
            keys: [self.keys.live(id)] + self.indexes(id.partition),
            arguments: [
                self.text(id.partition), .string(id.key), .bytes(presented.bytes), .bytes(successor.bytes),
                .integer(Int(grace.inMilliseconds)), self.retentionMs, self.maxlen, self.channel,
                self.text(origin), .string(actor ?? ""), .string(from ?? ""), .string(String(epoch)),
                isSpaced ? "1" : "0",
            ]
        )
    }

    package func reuse(
        _ id: SessionID,
        presented: Digest256,
        origin: RevocationMessage.Origin?
    ) -> ScriptCall {
        ScriptCall(
            StoreScripts.reuse,
            keys: [self.keys.live(id)] + self.indexes(id.partition),
            arguments: [
                self.text(id.partition), .string(id.key), .bytes(presented.bytes), self.retentionMs,
                self.maxlen, self.channel, self.text(origin),
            ]
        )
    }

    /// - Parameter ids: at most 1,000, all of `partition`.
    package func end(
        _ ids: [SessionID],
        in partition: Partition,
        _ ending: Ending,
        onlyOf owner: SessionOwner?,
        origin: RevocationMessage.Origin?
    ) -> ScriptCall {
        self.endSessions(ids, in: partition, mode: "end", ending, owner, origin)
    }

    /// Ends nothing and publishes: whoever acknowledges it has applied all that was published before.
    package func barrier(origin: RevocationMessage.Origin?) -> ScriptCall {
        self.end([], in: Partition.first, Ending(.revoked), onlyOf: nil, origin: origin)
    }

    /// Finalizes sessions that ran out or were deleted by hand, and leaves live ones alone.
    package func expire(_ ids: [SessionID], in partition: Partition) -> ScriptCall {
        self.endSessions(ids, in: partition, mode: "expire", Ending(.expiredIdle), nil, nil)
    }

    private func endSessions(
        _ ids: [SessionID],
        in partition: Partition,
        mode: RedisArgument,
        _ ending: Ending,
        _ owner: SessionOwner?,
        _ origin: RevocationMessage.Origin?
    ) -> ScriptCall {
        let only: String =
            switch owner {
            case .user(let user): "u" + user.key
            case .organization(let name): "o" + name
            case nil: ""
            }
        return ScriptCall(
            StoreScripts.endSessions,
            keys: self.indexes(partition),
            arguments: [
                self.text(partition), mode, .string(ending.kind.rawValue), .string(ending.actor ?? ""),
                .string(ending.reason ?? ""), self.retentionMs, self.maxlen, self.channel, self.text(origin),
                .string(only), .string(ending.from ?? ""),
            ] + ids.map { .string($0.key) }
        )
    }

    package func endUser(
        _ user: UserID,
        except: SessionID?,
        _ ending: Ending,
        batch: Int,
        origin: RevocationMessage.Origin?
    ) -> ScriptCall {
        let partition = Partition(of: user)
        return ScriptCall(
            StoreScripts.endUser,
            keys: [self.keys.sessions(of: user)] + self.indexes(partition),
            arguments: [
                self.text(partition), .string(ending.kind.rawValue), .string(ending.actor ?? ""),
                .string(ending.reason ?? ""), self.retentionMs, self.maxlen, self.channel, self.text(origin),
                .string(except.flatMap { $0.partition == partition ? $0.key : nil } ?? ""), .integer(batch),
                .string(ending.from ?? ""),
            ]
        )
    }

    package func everyone(_ ending: Ending, origin: RevocationMessage.Origin?) -> ScriptCall {
        ScriptCall(
            StoreScripts.everyone,
            keys: [self.keys.epoch, self.keys.globalEvents, self.keys.sweep],
            arguments: [
                .string(ending.actor ?? ""), .string(ending.reason ?? ""), self.maxlen, self.channel,
                self.text(origin), .string(ending.from ?? ""),
            ]
        )
    }

    package func raiseEpoch(to epoch: UInt64) -> ScriptCall {
        ScriptCall(
            StoreScripts.raiseEpoch,
            keys: [self.keys.epoch, self.keys.sweep],
            arguments: [.string(String(epoch))]
        )
    }

    package func sweepDone(_ epoch: UInt64) -> ScriptCall {
        ScriptCall(StoreScripts.sweepDone, keys: [self.keys.sweep], arguments: [.string(String(epoch))])
    }

    package func sweep(
        _ partition: Partition,
        before epoch: UInt64,
        _ ending: Ending,
        offset: Int,
        batch: Int
    ) -> ScriptCall {
        ScriptCall(
            StoreScripts.sweep,
            keys: self.indexes(partition),
            arguments: [
                .string(String(epoch)), .integer(offset), .integer(batch), .string(ending.actor ?? ""),
                .string(ending.reason ?? ""), self.retentionMs, self.maxlen, .string(ending.from ?? ""),
            ]
        )
    }

    package func heartbeat(
        node: NodeID,
        lease: Duration,
        information: String,
        sequence: UInt64
    ) -> ScriptCall {
        ScriptCall(
            StoreScripts.heartbeat,
            keys: [self.keys.nodes, self.keys.epoch],
            arguments: [
                .string(node.description), .integer(Int(lease.inMilliseconds)), .string(information),
                .string(self.keys.channel(of: node)), .string(String(sequence)),
            ]
        )
    }

    package func nodes(onlyLive: Bool) -> ScriptCall {
        ScriptCall(
            StoreScripts.nodes,
            keys: [self.keys.nodes],
            arguments: [.string(onlyLive ? "live" : "all")]
        )
    }

    package func update(
        _ id: SessionID,
        _ order: UpdateOrder,
        by actor: String?,
        from: String? = nil,
        epoch: UInt64,
        origin: RevocationMessage.Origin?
    ) -> ScriptCall {
        func section(_ bytes: [UInt8]?, _ mode: Unicode.Scalar = "=") -> RedisArgument {
            bytes.map { .bytes([UInt8(ascii: mode)] + $0) } ?? ""
        }
        let factors =
            order.factors.map { section(RecordCodec.list($0)) }
            ?? section(order.addedFactors.map { RecordCodec.list($0) }, "+")
        let isAuthenticated = order.reauthenticated || order.factors != nil || order.addedFactors != nil
        return ScriptCall(
            StoreScripts.update,
            keys: [
                self.keys.live(id), self.keys.details(id), self.keys.all(id.partition),
                self.keys.events(id.partition),
            ],
            arguments: [
                self.text(id.partition), .string(id.key), .string(String(epoch)),
                .string(DetailsCodec.patch(order)), section(order.organization.map { Array($0.utf8) }),
                section(order.roles.map { RecordCodec.list($0) }),
                factors, isAuthenticated ? "1" : "0",
                order.extend ? "1" : "0", self.maxlen, self.channel, self.text(origin),
                .string(actor ?? ""), .string(from ?? ""),
            ]
        )
    }

    package func setData(
        _ json: String,
        of id: SessionID,
        expecting version: Int?,
        epoch: UInt64
    ) -> ScriptCall {
        ScriptCall(
            StoreScripts.setData,
            keys: [self.keys.live(id), self.keys.document(id)],
            arguments: [version.map { .integer($0) } ?? "*", .string(json), .string(String(epoch))]
        )
    }

    /// - Parameter entries: at most ``ActivityEntry/maximumBatch``.
    package func addActivity(
        _ entries: [ActivityEntry],
        to id: SessionID,
        keeping most: Int,
        epoch: UInt64
    ) -> ScriptCall {
        ScriptCall(
            StoreScripts.addActivity,
            keys: [self.keys.live(id), self.keys.activity(id)],
            arguments: [
                .string(String(epoch)), .integer(max(1, most)), self.retentionMs,
                .integer(Int(ActivityEntry.maximumAhead.inMilliseconds)),
            ] + entries.map { .string(ActivityCodec.encode($0)) }
        )
    }

    package func setSettings(
        _ overrides: PolicyOverrides,
        expecting version: Int,
        by actor: String?,
        from: String? = nil,
        origin: RevocationMessage.Origin?
    ) -> ScriptCall {
        ScriptCall(
            StoreScripts.setSettings,
            keys: [self.keys.settings, self.keys.globalEvents],
            arguments: [
                .integer(version), .string(StoredSettings.document(overrides, by: actor)),
                .string(actor ?? ""), self.maxlen, self.channel, self.text(origin), .string(from ?? ""),
            ]
        )
    }

    package func janitor(_ partition: Partition, batch: Int) -> ScriptCall {
        ScriptCall(
            StoreScripts.janitor,
            keys: self.indexes(partition),
            arguments: [.integer(batch), self.retentionMs, self.maxlen]
        )
    }

    package func verify(_ partition: Partition, due: Bool, offset: Int, batch: Int) -> ScriptCall {
        ScriptCall(
            StoreScripts.verify,
            keys: self.indexes(partition),
            arguments: [
                due ? "due" : "all", .integer(offset), .integer(batch), self.retentionMs, self.maxlen,
            ]
        )
    }

    package func history(of user: UserID, offset: Int, batch: Int) -> ScriptCall {
        let partition = Partition(of: user)
        return ScriptCall(
            StoreScripts.history,
            keys: [self.keys.ended(partition), self.keys.all(partition)],
            arguments: [.string(user.key), .integer(offset), .integer(batch)]
        )
    }

    /// - Parameter ids: at most 1,000, of the user's partition.
    package func forget(_ ids: [SessionID], of user: UserID) -> ScriptCall {
        ScriptCall(
            StoreScripts.forget,
            keys: [self.keys.sessions(of: user), self.keys.all(Partition(of: user))],
            arguments: ids.map { .string($0.key) }
        )
    }

    package func counts(_ partition: Partition, offset: Int, batch: Int) -> ScriptCall {
        ScriptCall(
            StoreScripts.counts,
            keys: [
                self.keys.all(partition), self.keys.events(partition), self.keys.counters(partition),
            ],
            arguments: [.integer(offset), .integer(batch)]
        )
    }

    package func setCounts(
        _ partition: Partition,
        from old: PartitionCounts,
        to new: PartitionCounts
    ) -> ScriptCall {
        ScriptCall(
            StoreScripts.setCounts,
            keys: [self.keys.events(partition), self.keys.counters(partition)],
            arguments: [
                .string(old.lastEvent), .integer(old.users), .integer(old.crowded), .integer(new.users),
                .integer(new.crowded),
            ]
        )
    }

    package func meta(layout: Int) -> ScriptCall {
        ScriptCall(
            StoreScripts.meta,
            keys: [self.keys.meta],
            arguments: [.integer(layout), .integer(Int(Partition.count))]
        )
    }
}
