import Foundation
import TestSupport
import Testing

extension Faults {
    /// Promise R7: no check is answered with another identity, however many requests are broken off.
    @Suite(.serialized) struct Identity {
        @Test(.timeLimit(.minutes(60)))
        func noCheckIsAnsweredForSomebodyElse() async throws {
            // One node asks Redis each time, so that answers are taken out of one pipeline.
            let fleet = try await Fleet.start(nodes: 2, flags: ["--max-sessions", "0"]) {
                $0 == 0 ? ["--strict"] : []
            }
            try await Fleet.run(fleet) { fleet in
                let checks = 30_000 * scale
                let users = try await (0..<100).asyncMap { number in
                    try await fleet.anyone.create(user: "canary-\(number)")
                }
                let progress = Progress()
                let ended = try await fleet.anyone.create(user: "ended")
                _ = try await fleet.anyone.send(.end(ended.session.id))
                try await concurrently(checks / 10, width: 48) { _ in
                    let client = fleet.anyone
                    for _ in 0..<9 {
                        let number = Int.random(in: 0..<users.count)
                        let answer = try await client.send(
                            .check(users[number].token),
                            deadline: .seconds(20)
                        )
                        guard answer.status == 204 else {
                            // Never shed with less than a queue of requests.
                            progress.count("\(answer.status)")
                            continue
                        }
                        #expect(answer.header("X-Session-User") == "canary-\(number)")
                        #expect(answer.header("X-Session-Id") == users[number].session.id)
                        progress.count("checks")
                    }
                    let token = Bool.random() ? users.randomElement()?.token ?? "" : ended.token
                    try? await client.abandon(.check(token), after: .microseconds(Int.random(in: 0...3000)))
                    progress.count("broken off")
                }
                report("R7 \(progress.summary)")
                #expect(progress["checks"] >= checks * 8 / 10)
                #expect(progress["broken off"] == checks / 10)
                #expect(progress["401"] == 0)
            }
        }
    }
}

extension Range<Int> {
    fileprivate func asyncMap<Result>(_ transform: (Int) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for number in self { results.append(try await transform(number)) }
        return results
    }
}
