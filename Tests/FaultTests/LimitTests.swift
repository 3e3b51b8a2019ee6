import Foundation
import TestSupport
import Testing

extension Faults {
    /// Promise R2: never more live sessions of a user than allowed, in any state that Redis is ever in.
    @Suite(.serialized) struct Limits {
        struct Case: Sendable, CustomTestStringConvertible {
            let limit: Int
            let behavior: String
            var testDescription: String { "\(limit) sessions, \(behavior)" }
        }

        static let cases = [1, 3, 10].flatMap { limit in
            ["revoke-oldest", "deny"].map { Case(limit: limit, behavior: $0) }
        }

        /// 64 logins at a time of each of 200 users, over three nodes. The short form takes 30 users for
        /// each case: 30 × 64 × 6 = 11,520 logins.
        @Test(.timeLimit(.minutes(60)), arguments: cases)
        func asvs1542RacingLoginsNeverExceedTheLimit(_ row: Case) async throws {
            let fleet = try await Fleet.start(
                nodes: 3,
                flags: ["--max-sessions", "\(row.limit)", "--limit-behaviour", row.behavior]
            )
            try await Fleet.run(fleet) { try await race($0, row, users: min(200, 30 * scale)) }
        }

        private struct Tokens {
            var byID: [String: String] = [:]
            var evicted: Set<String> = []
        }

        private func race(_ fleet: Fleet, _ row: Case, users: Int) async throws {
            let progress = Progress()
            let tokens = Mutexed(Tokens())

            /// A session that made room for another is refused from then on, everywhere.
            @Sendable func expectRefused(_ token: String) async throws {
                for client in fleet.clients {
                    let status = try await client.check(token)
                    #expect(status == 401, "an evicted token was answered \(status)")
                    progress.count("checks of evicted tokens")
                }
            }

            @Sendable func login(_ user: String) async throws {
                let answer = try await fleet.anyone.send(.create(user: user), deadline: .seconds(30))
                switch answer.status {
                case 201:
                    progress.count("logins")
                    let created = try answer.decoded(CreatedAnswer.self)
                    let (known, isGone) = tokens.withLock { tokens in
                        tokens.byID[created.session.id] = created.token
                        tokens.evicted.formUnion(created.evicted)
                        return (
                            created.evicted.compactMap { tokens.byID[$0] },
                            tokens.evicted.contains(created.session.id)
                        )
                    }
                    // Who is evicted can be known before its own login has been answered.
                    for token in known { try await expectRefused(token) }
                    if isGone { try await expectRefused(created.token) }
                case 409:
                    progress.count("denied")
                    #expect(row.behavior == "deny")
                    #expect(answer.text.contains("limit_reached"))
                default: Issue.record("login answered \(answer.status) \(answer.text)")
                }
            }

            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let probe = try RedisProbe(fleet.redis)
                    while !progress.isFinished {
                        let most = try liveSessions(probe).values.max() ?? 0
                        #expect(most <= row.limit, "a user had \(most) live sessions")
                        progress.count("looks")
                        try await Task.sleep(for: .milliseconds(2))
                    }
                }
                group.addTask {
                    defer { progress.finish() }
                    for user in 0..<users {
                        try await concurrently(64, width: 64) { _ in try await login("racer-\(user)") }
                    }
                }
                try await group.waitForAll()
            }

            let counts = try liveSessions(RedisProbe(fleet.redis))
            #expect(counts.count == users)
            #expect(counts.values.allSatisfy { $0 == row.limit }, "\(counts)")
            let (all, evicted) = tokens.withLock { ($0.byID, $0.evicted) }
            try await concurrently(users, width: 8) { _ in
                guard let (id, token) = all.randomElement() else { return }
                let status = try await fleet.anyone.check(token)
                #expect(status == (evicted.contains(id) ? 401 : 204))
            }
            #expect(all.count - evicted.count == users * row.limit)
            let check = try IndexCheck(RedisProbe(fleet.redis))
            #expect(check.isClean, "\(check)")
            report("R2 \(row.testDescription): \(progress.summary)")
            #expect(progress["logins"] + progress["denied"] == users * 64)
            #expect(progress["looks"] >= 20)
        }
    }
}

/// The number of live sessions of each user's index, at one moment.
private func liveSessions(_ probe: RedisProbe) throws -> [String: Int] {
    let script = """
        local result = {}
        for _, key in ipairs(redis.call('KEYS', 'pc:{*}:u:*')) do
            local base, live = string.match(key, '^pc:{%d+}:'), 0
            for _, sid in ipairs(redis.call('ZRANGE', key, 0, -1)) do
                live = live + redis.call('EXISTS', base .. 's:' .. sid)
            end
            result[#result + 1] = key
            result[#result + 1] = tostring(live)
        end
        return result
        """
    let reply = try probe.run("EVAL", script, "0").strings
    var counts: [String: Int] = [:]
    for index in stride(from: 0, to: reply.count - 1, by: 2) { counts[reply[index]] = Int(reply[index + 1]) }
    return counts
}
