import Foundation
import TestSupport
import Testing

extension Faults {
    /// Promise R6: while Redis is away a check that needs it is answered 503, nothing false, and at once; and the
    /// gateway recovers by itself.
    @Suite(.serialized) struct Outages {
        struct Outage: Sendable, CustomTestStringConvertible {
            let name: String
            /// Whether checks need what is missing, so that every one of them must be 503 after the lease.
            var stopsChecks = true
            let begin: @Sendable (Fleet, RedisProbe) throws -> Void
            let end: @Sendable (Fleet, RedisProbe) throws -> Void
            var testDescription: String { name }
        }

        static let outages: [Outage] = [
            Outage(name: "killed") { fleet, _ in
                fleet.redis.stop()
            } end: { fleet, _ in
                try fleet.redis.restart()
            },
            Outage(name: "stopped") { fleet, _ in
                fleet.redis.pause()
            } end: { fleet, _ in
                fleet.redis.resume()
            },
            Outage(name: "paused clients") { _, probe in
                try probe.run("CLIENT", "PAUSE", "60000", "ALL")
            } end: { _, probe in
                try probe.run("CLIENT", "UNPAUSE")
            },
            Outage(name: "LOADING") { fleet, probe in
                // Rewritten, the append-only file begins with a snapshot, and loading that can be slowed down.
                for key in 0..<1500 { try probe.run("SET", "filler:\(key)", "x") }
                try probe.run("BGREWRITEAOF")
                while try probe.run("INFO", "persistence").string?.contains("aof_rewrite_in_progress:1")
                    ?? false
                    || probe.run("INFO", "persistence").string?.contains("aof_rewrite_scheduled:1") ?? false
                { usleep(10_000) }
                fleet.redis.stop()
                try fleet.redis.launch()
            } end: { fleet, _ in
                while (try? RedisProbe(fleet.redis).run("PING").string) != "PONG" { usleep(5000) }
            },
            Outage(name: "READONLY") { _, probe in
                try probe.run("REPLICAOF", "127.0.0.1", "1")
            } end: { _, probe in
                try probe.run("REPLICAOF", "NO", "ONE")
            },
            Outage(name: "BUSY") { fleet, _ in
                try RedisProbe(fleet.redis).send(["EVAL", "while true do end", "0"])
                usleep(100_000)
            } end: { _, probe in
                try probe.run("SCRIPT", "KILL")
            },
            Outage(name: "NOPERM") { _, probe in
                try probe.run("ACL", "SETUSER", "gateway", "-getex", "-evalsha", "-eval")
            } end: { _, probe in
                try probe.run("ACL", "SETUSER", "gateway", "+@all")
            },
            Outage(name: "OOM", stopsChecks: false) { _, probe in
                try probe.run("CONFIG", "SET", "maxmemory", "1")
            } end: { _, probe in
                try probe.run("CONFIG", "SET", "maxmemory", "0")
            },
            Outage(name: "SCRIPT FLUSH", stopsChecks: false) { _, probe in
                try probe.run("SCRIPT", "FLUSH")
            } end: { _, _ in
            },
        ]

        @Test(.timeLimit(.minutes(5)), arguments: outages)
        func checksAreHonest(_ outage: Outage) async throws {
            var options = RedisServer.Options()
            options.appendOnly = true
            options.configuration = [
                "appendfsync always", "busy-reply-threshold 50", "key-load-delay 1500",
                "loading-process-events-interval-bytes 1024", "rdbcompression no",
                "user gateway on >secret ~* &* +@all",
            ]
            let fleet = try await Fleet.start(nodes: 2, redis: options) {
                "unix://gateway:secret@\($0.socketPath)"
            }
            try await Fleet.run(fleet) { try await run($0, outage) }
        }

        private func run(_ fleet: Fleet, _ outage: Outage) async throws {
            let progress = Progress()
            let latencies = Mutexed<[Double]>([])
            let client = fleet.clients[0]
            let live = try await client.create(user: "alice")
            let ended = try await client.create(user: "bob")
            // Known to the near-cache of no node: its check needs Redis.
            let fresh = try await client.create(user: "carol")
            _ = try await client.send(.end(ended.session.id))
            #expect(try await client.check(live.token) == 204)
            #expect(try await client.check(ended.token) == 401)

            @Sendable func expectHonest(_ client: HTTPClient, _ token: String, isLive: Bool) async throws
                -> Int
            {
                // The deadline is there for a gateway that hangs; how long answers took is examined below.
                let call = HTTPCall("GET", "/check", headers: [("Cookie", "session_token=\(token)")])
                let answer = try await client.send(call, deadline: .seconds(10))
                #expect(
                    [isLive ? 204 : 401, 503].contains(answer.status),
                    "\(outage.name): \(answer.status)"
                )
                #expect(answer.all("Set-Cookie").isEmpty)
                if answer.status == 503 {
                    #expect(answer.header("Retry-After") != nil)
                    latencies.withLock { $0.append(answer.milliseconds) }
                }
                progress.count("\(answer.status)")
                return answer.status
            }

            let probe = try RedisProbe(fleet.redis)
            try outage.begin(fleet, probe)
            let began = ContinuousClock.now
            // The lease of half a second, and as much again for a busy machine, during which near-cached sessions
            // may still be answered.
            while began.duration(to: .now) < .milliseconds(1000) {
                for client in fleet.clients {
                    _ = try await expectHonest(client, live.token, isLive: true)
                    _ = try await expectHonest(client, ended.token, isLive: false)
                }
            }
            try await concurrently(40, width: 8) { number in
                let client = fleet.clients[number % 2]
                for (token, isLive) in [(live.token, true), (fresh.token, true), (ended.token, false)] {
                    let status = try await expectHonest(client, token, isLive: isLive)
                    // That a session has ended stays true without Redis.
                    if outage.stopsChecks, isLive { #expect(status == 503, "\(outage.name)") }
                    if !outage.stopsChecks { #expect(status == (isLive ? 204 : 401), "\(outage.name)") }
                }
            }
            if outage.stopsChecks || outage.name == "OOM" {
                let answer = try await client.send(.create(user: "dave"), deadline: .seconds(10))
                #expect(answer.status == 503, "\(outage.name): create \(answer.status) \(answer.text)")
                #expect(answer.header("Retry-After") != nil)
                #expect(try await client.send(HTTPCall("GET", "/health/live")).status == 200)
            }
            try outage.end(fleet, probe)
            let back = ContinuousClock.now
            var recovery: [Double] = []
            for client in fleet.clients {
                while try await expectHonest(client, fresh.token, isLive: true) != 204 {
                    guard back.duration(to: .now) < .seconds(20) else { break }
                    try await Task.sleep(for: .milliseconds(10))
                }
                recovery.append(back.duration(to: .now) / .milliseconds(1))
            }
            for client in fleet.clients {
                #expect(try await client.check(live.token) == 204)
                #expect(try await client.check(ended.token) == 401)
            }
            #expect(try IndexCheck(RedisProbe(fleet.redis)).live == 2)
            let took = latencies.withLock { $0 }
            report(
                "R6 \(outage.name): \(progress.summary); 503 after \(percentiles(took)); "
                    + "recovered after \(recovery.map { Int($0) }) ms"
            )
            // 500 ms is the promise; the machine that tests may be busy, so single answers get more and the median
            // does not.
            let sorted = took.sorted()
            if outage.stopsChecks {
                #expect(took.count >= 40)
                #expect(sorted.dropFirst(sorted.count / 2).first ?? .infinity <= 500)
                #expect((sorted.last ?? 0) <= 2000)
            }
            #expect((recovery.max() ?? 0) <= 3000)
        }
    }
}
