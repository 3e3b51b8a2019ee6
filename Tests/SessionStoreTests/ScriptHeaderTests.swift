import RedisClient
import SessionCore
import SessionStore
import StoreTestSupport
import Testing

/// Each script says at its top which keys and arguments it takes; whoever calls it must give just these.
@Suite struct ScriptHeaderTests {
    private static func calls() throws -> [ScriptCall] {
        let calls = StoreCalls(keys: Keys(prefix: "x"), retention: .seconds(1), eventsPerPartition: 10)
        let user = try UserID("bob")
        let partition = Partition(of: user)
        let id = SessionID(partition: partition, value: 7)
        let digest = try StoreBench.digest(1)
        let order = CreateOrder(
            request: NewSession(user: user),
            id: id,
            verifierDigest: digest,
            idleTimeout: .seconds(60),
            absoluteDeadline: Timestamp(milliseconds: 5000),
            now: Timestamp(milliseconds: 1),
            epoch: 0,
            limit: 0,
            behavior: .deny,
            replacing: nil
        )
        let ending = Ending(.revoked)
        return [
            calls.create(order, origin: nil, barrier: false),
            calls.rotate(
                id,
                presented: digest,
                successor: digest,
                grace: .zero,
                epoch: 0,
                isSpaced: false,
                origin: nil
            ),
            calls.reuse(id, presented: digest, origin: nil),
            calls.end([id], in: partition, ending, onlyOf: nil, origin: nil),
            calls.expire([id], in: partition),
            calls.endUser(user, except: nil, ending, batch: 1, origin: nil),
            calls.everyone(ending, origin: nil), calls.raiseEpoch(to: 1), calls.sweepDone(1),
            calls.sweep(partition, before: 1, ending, offset: 0, batch: 1),
            calls.heartbeat(node: NodeID(), lease: .seconds(1), information: "", sequence: 1),
            calls.nodes(onlyLive: true),
            calls.update(id, UpdateOrder(), by: nil, epoch: 0, origin: nil),
            calls.setData("", of: id, expecting: nil, epoch: 0), calls.janitor(partition, batch: 1),
            calls.verify(partition, due: false, offset: 0, batch: 1),
            calls.history(of: user, offset: 0, batch: 1), calls.meta(layout: 1),
            calls.setSettings(PolicyOverrides(), expecting: 0, by: nil, origin: nil),
            calls.addActivity([ActivityEntry(.action("x"))], to: id, keeping: 1, epoch: 0),
            calls.forget([id], of: user), calls.counts(partition, offset: 0, batch: 1),
            calls.setCounts(
                partition,
                from: PartitionCounts(lastEvent: "", users: 0, crowded: 0),
                to: PartitionCounts(lastEvent: "", users: 0, crowded: 0)
            ),
            calls.lease("relay", NodeID(), .seconds(1)), calls.logRead(.global, after: "0-0", limit: 1),
            calls.logAppend(try Self.batch(), AuditLimits()),
            calls.refused([RefusedAttempt(call: "x", code: "y")], dropped: 0),
            calls.advanceWebhook("shop", from: nil, to: StoredWebhook(position: .start, status: "{}")),
        ]
    }

    /// One event of one stream, of a kind that counts in the rates.
    private static func batch() throws -> RelayBatch {
        var record = AuditRecord(at: Timestamp(milliseconds: 1), source: "g:1-0", kind: "created")
        record.user = "bob"
        let event = StreamEvent(position: "1-0", record: record)
        let batches = RelayBatch.batches(of: [StreamRead(.global, events: [event])], after: RelayState())
        guard let batch = batches.first else { throw StoreBench.Unexpected(what: "no batch") }
        return batch
    }

    /// The words behind a label in the header.
    private static func words(_ label: String, _ script: RedisScript) -> [String] {
        let line = script.source.split(separator: "\n").first { $0.hasPrefix("-- \(label)  ") }
        return (line ?? "").dropFirst("-- \(label)  ".count).split(separator: " ").map(String.init)
    }

    @Test func everyScriptIsCalled() throws {
        let called = Set(try Self.calls().map(\.script.name))
        #expect(called == Set(StoreScripts.all.map(\.name)))
    }

    @Test func keysAreThoseOfTheHeader() throws {
        for call in try Self.calls() {
            let roles = call.keys.map { key in
                let rest = key.description.split(separator: "}:").last ?? ""
                return rest.split(separator: ":").first.map(String.init) ?? ""
            }
            #expect(roles == Self.words("KEYS", call.script), "\(call.script.name)")
            #expect(Set(call.keys.map(\.slot)).count == 1, "\(call.script.name) spans slots")
        }
    }

    @Test func argumentsAreAsManyAsInTheHeader() throws {
        for call in try Self.calls() {
            let names = Self.words("ARGV", call.script)
            #expect(!names.isEmpty, "\(call.script.name)")
            // The calls above end one session where the header ends in `sid...`.
            #expect(call.arguments.count == names.count, "\(call.script.name)")
        }
    }

    @Test func scriptsUseWhatTheyDeclareAndSayWhatTheyReturn() {
        for script in StoreScripts.all {
            let source = script.source
            #expect(source.hasPrefix("#!lua"), "\(script.name)")
            #expect(!source.contains("\n--@include"), "\(script.name) has an unknown fragment")
            #expect(source.contains("\n-- Returns  ") && source.contains("\n-- Cost  "), "\(script.name)")
            for (label, count) in [
                ("KEYS", Self.words("KEYS", script).count), ("ARGV", Self.words("ARGV", script).count),
            ] {
                #expect(!source.contains("\(label)[\(count + 1)]"), "\(script.name)")
            }
        }
    }

    @Test(arguments: [
        "rotate", "reuse", "end_sessions", "end_user", "everyone", "sweep", "sweep_done", "janitor", "forget",
        "lease", "log_append", "webhook_advance",
    ])
    func whatEndsRunsWithoutMemory(name: String) {
        let script = StoreScripts.all.first { $0.name == name }
        #expect(script?.source.hasPrefix("#!lua flags=allow-oom\n") == true)
    }
}
