import CoherenceSimulation
import Testing

/// The promises of the revocation protocol over many simulated histories.
///
/// Long form: `PORTCULLIS_SIM_SEEDS=100000 swift test -c release --filter CoherenceSimulationTests`. One seed,
/// event by event: `PORTCULLIS_SIM_SEED=4711 swift test --filter oneSeed`, with a mistake planted by
/// `PORTCULLIS_SIM_BUG=noFlushOnReconnect`.
@Suite struct SimulationTests {
    @Test func promisesHoldInEverySeed() async {
        let seeds = Environment.seeds
        let result = await Search.all(0..<seeds)
        for failure in result.failures.prefix(3) { Issue.record("\(Search.describe(failure))") }
        print("\(seeds) seeds, \(result.events) events, \(result.counts)")

        // Together they must have met what they are for.
        let counts = result.counts
        let seedsOfTen = Int(seeds / 10)
        #expect(counts.revocationsAcknowledged >= seedsOfTen * 30)
        #expect(counts.revocationsDuringFaults >= seedsOfTen * 15)
        #expect(counts.checksOfEnded >= seedsOfTen * 300)
        #expect(counts.hits >= seedsOfTen * 300)
        #expect(counts.faults >= seedsOfTen * 30)
        #expect(counts.failovers >= seedsOfTen * 5)
        #expect(counts.revocationsLostByRedis >= seedsOfTen)
        #expect(counts.rotations >= seedsOfTen * 2)
        #expect(counts.exempted * 20 <= counts.revocationsAcknowledged, "hardly anything may be exempt")
    }

    @Test func aSeedReplaysExactly() {
        for seed in UInt64(0)..<5 {
            var first: [String] = []
            var second: [String] = []
            let outcome = Simulation.run(seed: seed) { first.append($0) }
            #expect(Simulation.run(seed: seed) { second.append($0) } == outcome)
            #expect(first == second)
            #expect(Simulation.run(seed: seed) == outcome, "tracing changes nothing")
        }
    }

    @Test(.enabled(if: Environment.seed != nil))
    func oneSeed() {
        guard let seed = Environment.seed else { return }
        let outcome = Simulation.run(seed: seed, bug: Environment.bug) { print($0) }
        print(Search.describe(outcome))
        #expect(outcome.violation == nil)
    }
}
