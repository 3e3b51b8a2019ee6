import Foundation
import TestSupport
import Testing

extension Faults {
    /// Promise R4: one winner, the same successor for everybody who asks, and after the grace an alarm.
    @Suite(.serialized) struct Rotation {
        @Test(.timeLimit(.minutes(30)))
        func tenRacingRotationsHaveOneSuccessor() async throws {
            let grace = 6
            let fleet = try await Fleet.start(nodes: 3, flags: ["--rotation-grace", "\(grace)s"])
            try await Fleet.run(fleet) { fleet in
                let races = 300 * scale
                let progress = Progress()
                let pairs = Mutexed<[(old: String, new: String)]>([])
                try await concurrently(races, width: 4) { race in
                    let created = try await fleet.anyone.create(user: "rotator-\(race)")
                    let began = ContinuousClock.now
                    let answers = try await withThrowingTaskGroup(of: RotatedAnswer.self) { group in
                        for _ in 0..<10 {
                            group.addTask {
                                // A rotation whose answer did not come in time may have been done; asking
                                // again is what the promise is about.
                                let answer = try await fleet.anyone.repeating(
                                    .rotate(created.session.id, created.token)
                                )
                                guard answer.status == 200 else {
                                    throw UnexpectedAnswer(
                                        description: "rotate: \(answer.status) \(answer.text)"
                                    )
                                }
                                return try answer.decoded(RotatedAnswer.self)
                            }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    #expect(Set(answers.map(\.token)).count == 1)
                    // None when the winner's answer was lost, and it asked again.
                    #expect(answers.filter { !$0.repeated }.count <= 1)
                    guard let successor = answers.first?.token else { return }
                    #expect(successor != created.token)
                    // A retry whose answer had been lost.
                    let retry = try await fleet.anyone.repeating(.rotate(created.session.id, created.token))
                    #expect(try retry.decoded(RotatedAnswer.self).token == successor)
                    for client in fleet.clients {
                        #expect(try await client.check(successor) == 204)
                        let old = try await client.check(created.token)
                        if began.duration(to: .now) < .seconds(grace - 1) {
                            #expect(old == 204)
                            progress.count("old tokens within the grace")
                        }
                    }
                    progress.count("races")
                    pairs.withLock { $0.append((created.token, successor)) }
                }
                // The grace is a time; it has to pass.
                try await Task.sleep(for: .seconds(grace + 1))
                let last = pairs.withLock { $0.suffix(40) }
                for (old, new) in last {
                    #expect(try await fleet.anyone.check(old) == 401)
                    let isEnded = try await becomesTrue { try await fleet.anyone.check(new) == 401 }
                    #expect(isEnded, "the session outlived the use of a token that had been rotated out")
                }
                report("R4 \(progress.summary), \(last.count) old tokens used after the grace")
                #expect(progress["races"] == races)
                #expect(progress["old tokens within the grace"] >= races)
            }
        }
    }
}
