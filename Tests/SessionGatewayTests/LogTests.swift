import Logging
import NIOPosix
import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct LogTests {
    /// The whole log.
    private static func entries(_ gateway: SessionGateway) async throws -> [AuditEntry] {
        var entries: [AuditEntry] = []
        while true {
            let more = try await gateway.log(after: entries.last?.position, limit: 1000)
            if more.isEmpty { return entries }
            entries += more
        }
    }

    @Test func everyNodesActsComeToOneLogOnce() async throws {
        try await GatewayCluster.run(3, configure: { $0.policy.maximumSessions = 2 }) { cluster in
            let alice = try UserID("alice")
            for number in 0..<3 {
                var new = NewSession(user: alice)
                new.details.ipAddress = "192.0.2.\(number)"
                _ = try await cluster.nodes[number].create(new, by: "key:shop")
            }
            let ending = Ending(.revoked, by: "root", reason: "leaver", from: "198.51.100.1")
            _ = try await cluster.nodes[1].endAll(of: alice, ending)
            _ = try await cluster.nodes[2].endEveryone(Ending(.revoked, by: "root", from: "198.51.100.1"))
            _ = try await cluster.nodes[0].setSettings(
                PolicyOverrides(),
                expecting: 0,
                by: "root",
                from: "198.51.100.2"
            )
            let bob = try await cluster.session(of: "bob", on: 1)
            let rotated = try await cluster.nodes[2].rotate(bob.token.text, by: "bob", from: "198.51.100.3")
            var change = SessionChange()
            change.organization = "acme"
            _ = try await cluster.nodes[0].update(rotated.session.id, change, by: "app", from: "198.51.100.4")
            var entries: [AuditEntry] = []
            try await eventually("all eleven") {
                entries = try await Self.entries(cluster.nodes[1])
                return entries.count >= 11
            }
            #expect(
                Dictionary(grouping: entries, by: \.kind).mapValues(\.count) == [
                    "created": 4, "evicted": 1, "revoked": 2, "everyone-revoked": 1, "settings-changed": 1,
                    "rotated": 1, "updated": 1,
                ]
            )
            let evicted = try #require(entries.first { $0.kind == "evicted" })
            #expect(evicted.user == "alice" && evicted.actor.isEmpty && evicted.from == "192.0.2.2")
            for entry in entries where entry.kind == "revoked" {
                #expect(entry.actor == "root" && entry.reason == "leaver" && entry.from == "198.51.100.1")
            }
            #expect(entries.filter { $0.kind == "created" && $0.actor == "key:shop" }.count == 3)
            let turn = try #require(entries.first { $0.kind == "rotated" })
            #expect(turn.actor == "bob" && turn.from == "198.51.100.3" && turn.session == bob.session.id)
            let update = try #require(entries.first { $0.kind == "updated" })
            #expect(update.actor == "app" && update.organization == "acme" && update.from == "198.51.100.4")
            // Every node reads the same.
            for node in cluster.nodes { #expect(try await Self.entries(node) == entries) }
            let bounds = try #require(try await cluster.nodes[0].logBounds())
            #expect(bounds.first == entries.first?.position && bounds.last == entries.last?.position)
            let verified = try await cluster.nodes[2].verifyAudit()
            #expect(verified.fault == nil && verified.checked == 11)
            // Whichever node relays, none does it twice.
            #expect(cluster.nodes.reduce(0) { $0 + $1.nodeStatistics.auditEntries } == 11)
            let rates = try await cluster.nodes[0].rates(minutes: 3)
            #expect(rates.count == 3 && rates.reduce(0) { $0 + $1.logins } == 4)
        }
    }

    @Test func anotherNodeGoesOnWhenTheRelayStops() async throws {
        try await GatewayCluster.run(0) { cluster in
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let key = try TokenKeyRing.Key(id: 1, secret: [UInt8](repeating: 7, count: 32))
            let configuration = GatewayConfiguration(
                redisURL: "unix://\(cluster.redis.socketPath)",
                tokenKeys: TokenKeyRing(signing: key)
            )
            var expected = 0
            for _ in 0..<3 {
                let gateway = try SessionGateway(configuration: configuration, logger: logger)
                expected += 2
                let awaited = expected
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await gateway.run() }
                    try await gateway.waitUntilReady()
                    let created = try await gateway.create(NewSession(user: try UserID("alice")))
                    _ = try await gateway.end(created.session.id, Ending(.loggedOut))
                    try await eventually("\(awaited) entries") {
                        try await Self.entries(gateway).count == awaited
                    }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
        }
    }

    /// Connections are cut at any time: before a batch is sent, before it is answered, while the state is read.
    @Test func lostAnswersLoseAndRepeatNothing() async throws {
        try await GatewayCluster.run(0) { cluster in
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let relay = try await RedisRelay.start(to: cluster.redis, name: "cut")
            let key = try TokenKeyRing.Key(id: 1, secret: [UInt8](repeating: 7, count: 32))
            func gateway(_ path: String) throws -> SessionGateway {
                var configuration = GatewayConfiguration(
                    redisURL: "unix://\(path)",
                    tokenKeys: TokenKeyRing(signing: key)
                )
                configuration.policy.maximumSessions = 0
                return try SessionGateway(configuration: configuration, logger: logger)
            }
            let cut = try gateway(relay.socketPath)
            let sound = try gateway(cluster.redis.socketPath)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await cut.run() }
                // The one that will be cut off holds the lease first.
                try await cut.waitUntilReady()
                try await eventually("a first entry") {
                    _ = try? await cut.create(NewSession(user: try UserID("first")))
                    return cut.nodeStatistics.auditEntries > 0
                }
                group.addTask { try await sound.run() }
                try await sound.waitUntilReady()
                let before = try await Self.entries(sound).count
                var acts: [SessionID] = []
                for round in 0..<250 {
                    let created = try await sound.create(NewSession(user: try UserID("user-\(round % 20)")))
                    acts.append(created.session.id)
                    _ = try await sound.end(
                        created.session.id,
                        Ending(.revoked, by: "root", reason: "act-\(round)")
                    )
                    if round % 3 == 0 { relay.cut(share: 1) }
                    try await Task.sleep(for: .milliseconds(4))
                }
                try await eventually("all entries") {
                    try await Self.entries(sound).count >= before + 2 * acts.count
                }
                let entries = try await Self.entries(sound)
                for (round, id) in acts.enumerated() {
                    #expect(entries.filter { $0.session == id }.map(\.kind) == ["created", "revoked"])
                    #expect(entries.filter { $0.reason == "act-\(round)" }.count == 1)
                }
                let sessions = Set(entries.compactMap(\.session))
                #expect(entries.filter { $0.kind == "created" }.count == sessions.count)
                let verified = try await sound.verifyAudit()
                #expect(verified.fault == nil && verified.checked == entries.count)
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    /// A stream of events holds what the relay has not read yet: many ends at once must all find room in it.
    @Test func endingManyOfOneUserLosesNoEvent() async throws {
        try await GatewayCluster.run(1, configure: { $0.policy.maximumSessions = 0 }) { cluster in
            let gateway = cluster.nodes[0]
            let count = 2500
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask { for _ in 0..<(count / 10) { _ = try await cluster.session() } }
                }
                try await group.waitForAll()
            }
            let receipt = try await gateway.endAll(of: UserID("alice"), Ending(.revoked, by: "root"))
            #expect(receipt.ended == count)
            try await eventually("all of it is in the log", within: .seconds(120)) {
                gateway.nodeStatistics.auditEntries >= 2 * count
            }
            let kinds = Dictionary(grouping: try await Self.entries(gateway), by: \.kind).mapValues(\.count)
            #expect(kinds == ["created": count, "revoked": count])
            // What is in the log does not stay in the stream.
            let stream = "pc:{\(Partition(of: try UserID("alice")).index)}:ev"
            let length = try RedisProbe(cluster.redis).run("XLEN", stream).integer
            #expect(try #require(length) < 500)
        }
    }

    /// A node that stops before it has deleted what ended with everyone leaves that to the others.
    @Test func anotherNodeDeletesWhatEndedWithEveryone() async throws {
        try await GatewayCluster.run(1, configure: { $0.janitorInterval = .milliseconds(200) }) { cluster in
            for number in 0..<300 { _ = try await cluster.session(of: "user-\(number)") }
            let probe = try RedisProbe(cluster.redis)
            try probe.run("HSET", "pc:{g}:sweep", "epoch", "1", "actor", "root", "reason", "leak", "from", "")
            try probe.run("INCR", "pc:{g}:epoch")
            try await eventually("it is done") { try probe.run("EXISTS", "pc:{g}:sweep").integer == 0 }
            var revoked: [AuditEntry] = []
            try await eventually("it is in the log") {
                revoked = try await Self.entries(cluster.nodes[0]).filter { $0.kind == "revoked" }
                return revoked.count >= 300
            }
            #expect(revoked.count == 300)
            #expect(revoked.allSatisfy { $0.actor == "root" && $0.reason == "leak" })
            #expect(try await cluster.nodes[0].installationStatistics().active == 0)
        }
    }

    /// What strangers are refused must push nothing else out.
    @Test func aFloodOfRefusalsIsCounted() async throws {
        try await GatewayCluster.run(1) { cluster in
            let gateway = cluster.nodes[0]
            _ = try await gateway.setSettings(PolicyOverrides(), expecting: 0, by: "root", from: nil)
            for number in 0..<5000 {
                gateway.recordRefusal(
                    RefusedAttempt(
                        call: "DELETE /x",
                        code: "forbidden",
                        user: "user-\(number)",
                        from: "192.0.2.1"
                    )
                )
            }
            var refused: [AuditEntry] = []
            try await eventually("all that were attempted") {
                refused = try await Self.entries(gateway).filter { $0.kind.hasPrefix("refus") }
                return refused.reduce(0) { $0 + $1.count } == 5000
            }
            let single = refused.filter { $0.kind == "refused" }
            // 200 at once, and one a minute.
            #expect((200...202).contains(single.count))
            #expect(Set(single.map(\.user)).count == single.count)
            #expect(
                single.allSatisfy {
                    $0.call == "DELETE /x" && $0.code == "forbidden" && $0.from == "192.0.2.1"
                }
            )
            #expect(refused.count - single.count <= 10)
            #expect(gateway.nodeStatistics.refusalsDropped == UInt64(5000 - single.count))
            let probe = try RedisProbe(cluster.redis)
            #expect(try probe.run("XLEN", "pc:{g}:ev").integer == 1, "they have a stream of their own")
        }
    }
}
