/// A seeded simulation of a few gateway nodes and one Redis: the same seed gives the same course of events.
package enum Simulation {
    package struct Outcome: Sendable, Equatable {
        package let seed: UInt64
        /// The first broken promise.
        package let violation: String?
        /// What did not happen often enough for the outcome to mean anything.
        package let idleness: String?
        package let counts: Counts
        /// How many events there were.
        package let events: Int
    }

    /// Runs one seed.
    /// - Parameters:
    ///   - bug: a mistake to plant into every node.
    ///   - trace: told every event, one line each.
    package static func run(
        seed: UInt64,
        bug: PlantedBug? = nil,
        trace: ((String) -> Void)? = nil
    ) -> Outcome {
        let world = World(seed: seed, bug: bug, trace: trace)
        world.run()
        return Outcome(
            seed: seed,
            violation: world.history.violation,
            idleness: world.history.violation == nil ? self.idleness(world.history.counts) : nil,
            counts: world.history.counts,
            events: world.history.events
        )
    }

    /// Runs seeds one after the other until one breaks a promise.
    /// - Returns: the sums over all, and the outcome that broke one.
    package static func search(
        _ seeds: Range<UInt64>,
        bug: PlantedBug? = nil
    ) -> (counts: Counts, events: Int, failure: Outcome?) {
        var counts = Counts()
        var events = 0
        for seed in seeds {
            let outcome = self.run(seed: seed, bug: bug)
            counts += outcome.counts
            events += outcome.events
            if outcome.violation != nil { return (counts, events, outcome) }
        }
        return (counts, events, nil)
    }

    /// A simulation in which hardly anything happens shows nothing.
    private static func idleness(_ counts: Counts) -> String? {
        if counts.checks < 80 { return "only \(counts.checks) checks" }
        if counts.hits < 5 { return "only \(counts.hits) hits" }
        if counts.accepted < 15 { return "only \(counts.accepted) accepted" }
        if counts.revocationsAcknowledged + counts.revocationsFailed < 1 { return "no revocations" }
        return nil
    }
}
