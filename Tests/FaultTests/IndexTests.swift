import Foundation
import TestSupport
import Testing

extension Faults {
    /// Promise R12: whatever is killed where, the indexes hold exactly the live sessions.
    @Suite(.serialized) struct Indexes {
        @Test(.timeLimit(.minutes(60)))
        func indexesAreRightAfterKills() async throws {
            let fleet = try await Fleet.start(
                nodes: 4,
                flags: ["--max-sessions", "4", "--rotation-grace", "1s"]
            )
            try await Fleet.run(fleet) { fleet in
                let progress = Progress()
                let kills = 24 * scale
                let limit = ContinuousClock.now + .seconds(180 * scale)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for worker in 0..<24 {
                        group.addTask {
                            while !progress.isFinished {
                                do {
                                    try await operations(
                                        fleet,
                                        "user-\(worker % 8)-\(Int.random(in: 0..<6))",
                                        progress
                                    )
                                } catch is HTTPClientError {
                                    progress.count("cut off")
                                } catch {
                                    progress.count("failed")
                                    try await Task.sleep(for: .milliseconds(5))
                                }
                            }
                        }
                    }
                    group.addTask {
                        defer { progress.finish() }
                        while progress["kills"] < kills, ContinuousClock.now < limit {
                            let node = fleet.nodes[Int.random(in: fleet.nodes.indices)]
                            try await Task.sleep(for: .milliseconds(Int.random(in: 50...400)))
                            node.stop()
                            progress.count("kills")
                            try node.start()
                            try await node.waitUntilReady()
                        }
                    }
                    try await group.waitForAll()
                }
                let probe = try RedisProbe(fleet.redis)
                var check = try IndexCheck(probe)
                let isClean = try await becomesTrue(within: .seconds(40)) {
                    check = try IndexCheck(probe)
                    return check.isClean
                }
                report("R12 \(progress.summary), \(check.live) live sessions")
                #expect(isClean, "\(check)")
                #expect(progress["kills"] >= kills)
                #expect(progress["operations"] >= 500 * scale)
                #expect(progress["cut off"] >= kills)
            }
        }

        private func operations(_ fleet: Fleet, _ user: String, _ progress: Progress) async throws {
            let created = try await fleet.anyone.create(user: user, more: #","data":{"a":1}"#)
            let id = created.session.id
            let calls: [HTTPCall] = [
                .check(created.token), .rotate(id, created.token),
                .service("PATCH", "/api/sessions/\(id)", #"{"sessionName":"n","extend":true}"#),
                .service("PUT", "/api/sessions/\(id)/data", #"{"b":2}"#),
                Int.random(in: 0..<3) == 0 ? .end(id) : .check(created.token),
                Int.random(in: 0..<12) == 0 ? .end(user: user) : .check(created.token),
                Int.random(in: 0..<200) == 0 ? .endEveryone : .check(created.token),
            ]
            progress.count("operations")
            for call in calls {
                let answer = try await fleet.anyone.send(call, deadline: .seconds(10))
                #expect(answer.status != 500, "\(call.method) \(call.path): \(answer.text)")
                progress.count("operations")
            }
        }
    }
}
