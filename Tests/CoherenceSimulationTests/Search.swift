import CoherenceSimulation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

enum Environment {
    static var isLong: Bool { self.value("PORTCULLIS_SIM_SEEDS") != nil }
    /// How many seeds a run tries.
    static var seeds: UInt64 { self.value("PORTCULLIS_SIM_SEEDS").flatMap { UInt64($0) } ?? 3000 }
    /// The one seed to show.
    static var seed: UInt64? { self.value("PORTCULLIS_SIM_SEED").flatMap { UInt64($0) } }
    /// The mistake to plant into it.
    static var bug: PlantedBug? { self.value("PORTCULLIS_SIM_BUG").flatMap { PlantedBug(rawValue: $0) } }

    private static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

enum Search {
    struct Result: Sendable {
        var counts = Counts()
        var events = 0
        var failures: [Simulation.Outcome] = []
    }

    /// Runs all seeds, several at once, and gathers what failed.
    static func all(_ seeds: Range<UInt64>) async -> Result {
        let share: UInt64 = 250
        return await withTaskGroup(of: Result.self) { group in
            for first in stride(from: seeds.lowerBound, to: seeds.upperBound, by: Int(share)) {
                group.addTask {
                    var result = Result()
                    for seed in first..<min(first + share, seeds.upperBound) {
                        let outcome = Simulation.run(seed: seed)
                        result.counts += outcome.counts
                        result.events += outcome.events
                        if outcome.violation != nil || outcome.idleness != nil {
                            result.failures.append(outcome)
                        }
                    }
                    return result
                }
            }
            var sum = Result()
            for await result in group {
                sum.counts += result.counts
                sum.events += result.events
                sum.failures += result.failures
            }
            sum.failures.sort { $0.seed < $1.seed }
            return sum
        }
    }

    static func describe(_ outcome: Simulation.Outcome) -> String {
        let violation = outcome.violation ?? outcome.idleness ?? "no promise broken"
        return "PORTCULLIS_SIM_SEED=\(outcome.seed): \(violation) (\(outcome.events) events)"
    }
}
