import Foundation
import TestSupport
import Testing

extension Faults {
    /// Promise R10: every acknowledged administrative act stands exactly once in the hash-chained audit log, whatever
    /// is killed where.
    @Suite(.serialized) struct Audit {
        private struct Entry: Decodable {
            let position: String
            let kind: String
            let session: String?
            let reason: String?
            let count: Int?
        }

        private struct Page: Decodable {
            let entries: [Entry]
            let nextCursor: String?
        }

        private struct Verification: Decodable {
            let holds: Bool
            let checked: Int
            let total: Int
            let nextCursor: String?
        }

        /// What was told to whoever acted: how many sessions the act with this reason has ended. What was not
        /// acknowledged is not here.
        private final class Acts: Sendable {
            let ended = Mutexed<[String: Int]>([:])
            let everyone = Mutexed<[String]>([])
            let settings = Mutexed<[Int]>([])
            private let number = Mutexed(0)

            func next() -> Int {
                number.withLock {
                    $0 += 1
                    return $0
                }
            }
        }

        @Test(.timeLimit(.minutes(60)))
        func everyAcknowledgedActStandsOnce() async throws {
            let fleet = try await Fleet.start(nodes: 3, flags: ["--max-sessions", "0"])
            try await Fleet.run(fleet) { fleet in
                let progress = Progress()
                let acts = Acts()
                let kills = 40 * scale
                let limit = ContinuousClock.now + .seconds(240 * scale)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for worker in 0..<8 {
                        group.addTask {
                            while !progress.isFinished {
                                do {
                                    try await act(fleet, "user-\(worker)", acts, progress)
                                } catch {
                                    progress.count("cut off")
                                    try await Task.sleep(for: .milliseconds(5))
                                }
                            }
                        }
                    }
                    group.addTask {
                        defer { progress.finish() }
                        while progress["kills"] < kills, ContinuousClock.now < limit {
                            let node = fleet.nodes[Int.random(in: fleet.nodes.indices)]
                            try await Task.sleep(for: .milliseconds(Int.random(in: 50...500)))
                            node.stop()
                            progress.count("kills")
                            try node.start()
                            try await node.waitUntilReady()
                        }
                    }
                    try await group.waitForAll()
                }
                try await examine(fleet, acts, progress)
                #expect(progress["kills"] >= kills)
            }
        }

        /// One administrative act, each with a reason of its own.
        private func act(_ fleet: Fleet, _ user: String, _ acts: Acts, _ progress: Progress) async throws {
            let created = try await fleet.anyone.create(user: user, more: #","organization":"o-\#(user)""#)
            let number = acts.next()
            let reason = "act-\(number)"
            let path: String
            switch Int.random(in: 0..<100) {
            case 0..<60: path = "/api/admin/sessions/\(created.session.id)?"
            case 60..<75: path = "/api/admin/sessions?userId=\(user)&"
            case 75..<85: path = "/api/admin/sessions?org=o-\(user)&"
            case 85..<88:
                let call = HTTPCall.service(
                    "DELETE",
                    "/api/admin/sessions?all=true&confirm=everyone&reason=\(reason)"
                )
                let answer = try await fleet.anyone.send(call, deadline: .seconds(10))
                if answer.receipt != nil { acts.everyone.withLock { $0.append(reason) } }
                progress.count("everyone")
                return
            default:
                try await changeSettings(fleet, 100_000 + number, acts)
                progress.count("settings")
                return
            }
            let call = HTTPCall.service("DELETE", path + "reason=\(reason)")
            let answer = try await fleet.anyone.send(call, deadline: .seconds(10))
            #expect(answer.status == 200 || answer.status == 503, "\(path): \(answer.text)")
            if let receipt = answer.receipt { acts.ended.withLock { $0[reason] = receipt.ended } }
            progress.count("ends")
        }

        private func changeSettings(_ fleet: Fleet, _ value: Int, _ acts: Acts) async throws {
            struct Settings: Decodable { let version: Int }
            let present = try await fleet.anyone.send(.service("GET", "/api/admin/settings"))
            let version = try present.decoded(Settings.self).version
            let answer = try await fleet.anyone.send(
                .service(
                    "PUT",
                    "/api/admin/settings",
                    #"{"version":\#(version),"settings":{"rememberIdleTimeout":\#(value)}}"#
                ),
                deadline: .seconds(10)
            )
            if answer.status == 200 { acts.settings.withLock { $0.append(value) } }
        }

        private func log(_ client: HTTPClient) async throws -> [Entry] {
            var entries: [Entry] = []
            var cursor: String?
            repeat {
                let path = "/api/admin/audit?limit=1000" + (cursor.map { "&cursor=\($0)" } ?? "")
                let page = try await client.send(.service("GET", path), deadline: .seconds(30)).decoded(
                    Page.self
                )
                entries += page.entries
                cursor = page.nextCursor
            } while cursor != nil
            return entries
        }

        private func examine(_ fleet: Fleet, _ acts: Acts, _ progress: Progress) async throws {
            let client = fleet.clients[0]
            // The last of all: when it is in the log, and a moment later nothing more comes, all is.
            let last = try await client.create(user: "last")
            _ = try await client.repeating(.service("DELETE", "/api/sessions/\(last.session.id)?reason=last"))
            var entries: [Entry] = []
            let probe = try RedisProbe(fleet.redis)
            let isDone = try await becomesTrue(within: .seconds(60)) {
                let before = try added(probe)
                entries = try await log(client)
                // As many as the streams have ever had, and no more coming.
                let after = try added(probe)
                return entries.contains { $0.reason == "last" } && entries.count == before && after == before
            }
            let events = try added(probe)
            #expect(isDone, "\(entries.count) entries of \(events) events")
            #expect(entries.count == Set(entries.map(\.position)).count)
            #expect(!entries.contains { $0.kind == "gap" })
            let reasons = Dictionary(grouping: entries.filter { $0.reason != nil }) { $0.reason ?? "" }
            let ended = acts.ended.withLock { $0 }
            for (reason, count) in ended {
                let own = reasons[reason] ?? []
                #expect(own.count == count && own.allSatisfy { $0.kind == "revoked" }, "\(reason)")
                #expect(Set(own.map(\.session)).count == own.count, "\(reason)")
            }
            for reason in acts.everyone.withLock({ $0 }) {
                let own = reasons[reason] ?? []
                #expect(own.filter { $0.kind == "everyone-revoked" }.count == 1, "\(reason)")
            }
            for value in acts.settings.withLock({ $0 }) {
                let own = entries.filter {
                    $0.kind == "settings-changed" && $0.reason?.contains("\(value)") == true
                }
                #expect(own.count == 1, "settings \(value)")
            }
            // Whatever was acknowledged or not: nothing happens to a session twice that can happen once.
            let ofSessions = Dictionary(grouping: entries.filter { $0.session != nil }) { $0.session ?? "" }
            for (session, own) in ofSessions {
                #expect(own.filter { $0.kind == "created" }.count == 1, "\(session)")
                #expect(own.count <= 2, "\(session): \(own.map(\.kind))")
            }
            var checked = 0
            var cursor: String?
            repeat {
                let path = "/api/admin/audit/verification" + (cursor.map { "?cursor=\($0)" } ?? "")
                let step = try await client.send(.service("GET", path), deadline: .seconds(30))
                    .decoded(Verification.self)
                #expect(step.holds)
                checked += step.checked
                cursor = step.nextCursor
                if cursor == nil { #expect(step.total == entries.count) }
            } while cursor != nil
            #expect(checked == entries.count)
            report(
                "R10 \(progress.summary); acknowledged: \(ended.count) ends of \(ended.values.reduce(0, +)) sessions, "
                    + "\(acts.everyone.withLock { $0.count }) of everyone, "
                    + "\(acts.settings.withLock { $0.count }) changes of settings; \(entries.count) entries"
            )
            #expect(ended.values.filter { $0 > 0 }.count >= 50 * scale)
            #expect(acts.settings.withLock { $0.count } >= 5)
        }

        /// How many events there ever were, counted by Redis.
        private func added(_ probe: RedisProbe) throws -> Int {
            let script = """
                local sum = 0
                for _, key in ipairs(redis.call('KEYS', 'pc:{*}:ev')) do
                    local information = redis.call('XINFO', 'STREAM', key)
                    for index = 1, #information, 2 do
                        if information[index] == 'entries-added' then sum = sum + information[index + 1] end
                    end
                end
                return sum
                """
            return try probe.run("EVAL", script, "0").integer ?? -1
        }
    }
}
