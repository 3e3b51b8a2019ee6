import RedisClient
import SessionCore
import SessionStore
import StoreTestSupport
import TestSupport
import Testing

@Suite struct MaintenanceTests {
    /// Waits until Redis has let a key go.
    private static func expired(_ bench: StoreBench, _ id: SessionID) async throws {
        while try await bench.redis("EXISTS", bench.store.keys.live(id).description) == .integer(1) {
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    @Test func theJanitorFinalizesWhatRanOut() async throws {
        try await StoreBench.run { bench in
            let idle = try await bench.create(
                try await bench.order(try UserID("idle"), idle: .milliseconds(1), absolute: .seconds(50))
            )
            let absolute = try await bench.create(
                try await bench.order(try UserID("abs"), idle: .seconds(50), absolute: .seconds(3))
            )
            let touched = try await bench.create(
                try await bench.order(try UserID("touched"), idle: .milliseconds(1), absolute: .seconds(50))
            )
            let lasting = try await bench.create(try await bench.order(try UserID("lasting")))
            #expect(try await bench.store.touch([(touched.id, .seconds(100))]) == [true])
            try await Self.expired(bench, absolute.id)
            try await Self.expired(bench, idle.id)
            let report = try await bench.store.sweepDue()
            #expect(report == JanitorReport(expired: 2, forgotten: 0))
            #expect(try await bench.store.session(idle.id, epoch: 0)?.end?.ending.kind == .expiredIdle)
            #expect(
                try await bench.store.session(absolute.id, epoch: 0)?.end?.ending.kind == .expiredAbsolute
            )
            let end = try #require(try await bench.store.session(absolute.id, epoch: 0)?.end)
            #expect(abs(end.endedAt.milliseconds - absolute.absoluteDeadline.milliseconds) <= 5)
            #expect(try await bench.record(touched.id) != nil)
            #expect(try await bench.record(lasting.id) != nil)
            #expect(try await bench.store.sweepDue() == JanitorReport())
            let score = try await bench.redis(
                "ZSCORE",
                bench.store.keys.due(touched.id.partition).description,
                touched.id.key
            )
            let now = try await bench.now()
            #expect((Double(score.string ?? "") ?? 0) > Double(now.milliseconds + 90_000))
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func theJanitorForgetsWhatIsPastTheRetention() async throws {
        try await StoreBench.run(retention: .milliseconds(50)) { bench in
            let session = try await bench.create(try await bench.order(try UserID("bob")))
            _ = try await bench.store.end(session.id, Ending(.revoked), of: nil, origin: nil)
            #expect(try await bench.store.endedCount() == 1)
            var forgotten = 0
            while forgotten == 0 { forgotten = try await bench.store.sweepDue().forgotten }
            #expect(forgotten == 1)
            let audit = try await IndexAudit(bench.client)
            #expect(audit.problems == [] && audit.ended == 0)
            #expect(try await bench.store.session(session.id, epoch: 0) == nil)
        }
    }

    @Test func roundsAreBoundedAndGoOn() async throws {
        try await StoreBench.run { bench in
            let user = try UserID("bob")
            for _ in 0..<450 {
                let session = try await bench.create(try await bench.order(user))
                try await bench.redis("DEL", bench.store.keys.live(session.id).description)
                try await bench.redis(
                    "ZADD",
                    bench.store.keys.due(session.id.partition).description,
                    "1",
                    session.id.key
                )
            }
            #expect(try await bench.store.sweepDue(steps: 1).expired == RedisSessionStore.endBatch)
            #expect(try await bench.store.sweepDue().expired == 450 - RedisSessionStore.endBatch)
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func repairFindsEveryKindOfDrift() async throws {
        try await StoreBench.run { bench in
            let keys = bench.store.keys
            let user = try UserID("bob")
            var sessions: [LiveSession] = []
            for _ in 0..<8 { sessions.append(try await bench.create(try await bench.order(user))) }
            let partition = Partition(of: user)
            let userKey = keys.sessions(of: user).description
            try await bench.redis("DEL", keys.live(sessions[0].id).description)
            try await bench.redis("ZREM", keys.all(partition).description, sessions[1].id.key)
            try await bench.redis("ZREM", keys.due(partition).description, sessions[2].id.key)
            try await bench.redis("ZREM", userKey, sessions[3].id.key)
            try await bench.redis("ZADD", userKey, "1", "00000000000000aa")
            try await bench.redis("ZADD", keys.due(partition).description, "1", "00000000000000bb")
            try await bench.redis("SET", keys.live(sessions[4].id).description, "rubbish")
            try await bench.redis("DEL", keys.live(sessions[5].id).description)
            try await bench.redis("ZREM", keys.all(partition).description, sessions[5].id.key)
            #expect(try await IndexAudit(bench.client).problems.count >= 7)
            let report = try await bench.store.repairIndexes()
            #expect(report.expired == 5)
            #expect(report.repaired == 3)
            #expect(try await IndexAudit(bench.client).problems == [])
            #expect(try await bench.store.repairIndexes() == RepairReport())
            #expect(try await bench.store.count() == 5)
        }
    }

    @Test func everyoneIsSweptInTheBackground() async throws {
        try await StoreBench.run { bench in
            let robot = try UserID("robot")
            for _ in 0..<350 { try await bench.create(try await bench.order(robot)) }
            for number in 0..<50 { try await bench.create(try await bench.order(try UserID("u\(number)"))) }
            let epoch = try await bench.store.bumpEpoch(
                Ending(.revoked, by: "admin", reason: "why"),
                origin: nil
            ).value
            #expect(epoch == 1)
            let survivor = try await bench.create(try await bench.order(robot, epoch: 1))
            let swept = try await bench.store.sweep(
                before: epoch,
                Ending(.revoked, by: "admin", reason: "why")
            )
            #expect(swept == 400)
            #expect(try await bench.store.sweep(before: epoch, Ending(.revoked)) == 0)
            #expect(try await bench.store.count() == 1)
            #expect(try await bench.record(survivor.id) != nil)
            let ended = try await bench.store.sessions(of: try UserID("u1"), includeEnded: true, epoch: epoch)
            #expect(ended.first?.end?.ending == Ending(.revoked, by: "admin", reason: "why"))
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func theJournalIsAppliedAgain() async throws {
        try await StoreBench.run { bench in
            var ids: [SessionID] = []
            for number in 0..<30 {
                ids.append(try await bench.create(try await bench.order(try UserID("u\(number)"))).id)
            }
            let unknown = SessionID(partition: try #require(Partition(3)), value: 4)
            let epoch = try await bench.store.reapply(
                sessions: Array(ids[..<20]) + [unknown],
                epoch: 7,
                over: bench.client
            )
            #expect(epoch == 7)
            #expect(try await bench.store.count() == 10)
            #expect(try await bench.store.reapply(sessions: [], epoch: 3, over: bench.client) == 7)
            #expect(try await bench.store.timeAndEpoch().epoch == 7)
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func nodesComeAndGo() async throws {
        try await StoreBench.run { bench in
            let (one, two) = (NodeID(), NodeID())
            let before = try await bench.store.timeAndEpoch()
            #expect(before.epoch == 0)
            let beat = try await bench.store.heartbeat(
                node: one,
                lease: .seconds(60),
                information: "{\"a\": 1}",
                sequence: 1
            )
            #expect(beat.time >= before.time && beat.epoch == 0)
            _ = try await bench.store.heartbeat(
                node: two,
                lease: .milliseconds(-5),
                information: "",
                sequence: 1
            )
            // Over for more than a minute: dropped with the next heartbeat.
            let stale = before.time - .seconds(61)
            try await bench.redis(
                "HSET",
                bench.store.keys.nodes.description,
                NodeID().description,
                "\(stale.milliseconds) {}"
            )
            try await bench.redis("HSET", bench.store.keys.nodes.description, "rubbish", "rubbish")
            _ = try await bench.store.heartbeat(
                node: one,
                lease: .seconds(60),
                information: "{\"a\": 1}",
                sequence: 2
            )
            let entries = try await bench.store.nodes()
            #expect(Set(entries.map(\.node)) == [one, two])
            let own = try #require(entries.first { $0.node == one })
            #expect(own.information == "{\"a\": 1}")
            #expect(own.remaining > .seconds(50) && own.remaining <= .seconds(60))
            #expect((entries.first { $0.node == two }?.remaining ?? .zero) < .zero)
            // Only who may hold a lease has to acknowledge.
            let result = try await bench.store.bumpEpoch(Ending(.revoked), origin: nil)
            #expect(result.nodes.map(\.node) == [one])
            try await bench.store.deregister(one)
            #expect(try await bench.store.nodes().map(\.node) == [two])
        }
    }

    @Test func theLayoutIsStatedOnceAndCompared() async throws {
        try await StoreBench.run { bench in
            try await bench.store.verifyLayout(over: bench.client)
            try await bench.store.verifyLayout(over: bench.client)
            try await bench.redis("HSET", bench.store.keys.meta.description, "partitions", "16")
            await #expect(throws: StoreError.self) { try await bench.store.verifyLayout(over: bench.client) }
            try await bench.redis(
                "HSET",
                bench.store.keys.meta.description,
                "partitions",
                "256",
                "layout",
                "\(RedisSessionStore.layout + 1)"
            )
            do throws(StoreError) {
                try await bench.store.verifyLayout(over: bench.client)
                Issue.record("expected an error")
            } catch {
                guard case .incompatible(let message) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(message.contains("layout \(RedisSessionStore.layout + 1)"))
            }
        }
    }

    @Test func errorsKeepTheirNature() async throws {
        try await StoreBench.run { bench in
            let order = try await bench.order(try UserID("bob"))
            try await bench.redis("CONFIG", "SET", "min-replicas-to-write", "1")
            do throws(StoreError) {
                _ = try await bench.store.create(order, origin: nil)
                Issue.record("expected an error")
            } catch {
                guard case .refused(let cause) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(cause.prefix == "NOREPLICAS")
            }
            bench.server.stop()
            do throws(StoreError) {
                _ = try await bench.store.timeAndEpoch()
                Issue.record("expected an error")
            } catch {
                guard case .unavailable = error else {
                    Issue.record("\(error)")
                    return
                }
            }
        }
    }

    /// Bytes of Redis memory for a session with every field filled in.
    @Test(arguments: [10_000])
    func memory(count: Int) async throws {
        try await StoreBench.run { bench in
            func used() async throws -> Int {
                let info = try await bench.redis("INFO", "memory").string ?? ""
                let line =
                    info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("used_memory:") } ?? ""
                return Int(line.dropFirst("used_memory:".count)) ?? 0
            }
            func event() async throws -> Int {
                var total = 0
                for partition in Partition.all {
                    total +=
                        try await bench.redis(
                            "MEMORY",
                            "USAGE",
                            bench.store.keys.events(partition).description,
                            "SAMPLES",
                            "0"
                        ).int ?? 0
                }
                return total
            }
            let before = try await used()
            for number in 0..<count / 2 {
                for _ in 0..<2 {
                    var order = try await bench.order(try UserID("user-\(number)@example.org"))
                    order.request.organization = "example-organization"
                    order.request.roles = ["admin", "billing"]
                    order.request.factors = ["password", "otp"]
                    order.request.details.displayName = "Ada Lovelace \(number)"
                    order.request.details.email = "user-\(number)@example.org"
                    order.request.details.sessionName = "Work laptop"
                    order.request.details.loginMethod = "password"
                    order.request.details.ipAddress = "203.0.113.195"
                    order.request.details.userAgent =
                        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
                    order.request.details.tokenSuffix = "Zk3fQ9aB"
                    try await bench.create(order)
                }
            }
            let after = try await used()
            let events = try await event()
            let each = (after - before) / count
            print(
                "memory per session: \(each) B, of which events \(events / count) B (bounded per partition)"
            )
            #expect(each < 1_300)
        }
    }
}
