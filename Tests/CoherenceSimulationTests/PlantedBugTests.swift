import CoherenceSimulation
import Testing

/// A test of the test: each mistake must be seen within 10,000 seeds.
@Suite struct PlantedBugTests {
    /// A seed that showed the mistake when this was written; tried first, so that a run in debug is short.
    static let knownSeeds: [PlantedBug: UInt64] = [
        .absoluteDeadlineIgnored: 1, .acknowledgedAfterServerChange: 29, .acknowledgedBeforeApplied: 0,
        .digestNotCompared: 36, .epochNotComparedOnFill: 0, .epochNotInPing: 20,
        .epochNotReadWithoutLease: 33,
        .graceKept: 4, .invalidationTakenForEnd: 4, .journalAppliedAfterServing: 19, .journalNotKept: 37,
        .leaseExaminedBeforeRead: 1404, .leaseFromEchoArrival: 78, .leaseWithoutEcho: 4,
        .noFillPlaceholder: 278, .noFlushOnReconnect: 3, .nodesReadBeforePublish: 1363,
        .olderAcknowledgementsCounted: 62, .readSharedWithoutLease: 34, .rotationNotInvalidated: 10,
        .servesWithoutWaiting: 3765, .silentNodesNotWaitedFor: 0, .subscribedBeforeConfirmation: 1391,
        .subscriptionLossUnnoticed: 0, .timedOutPlaceReused: 7, .touchNeverSent: 15, .touchNotRepeated: 6683,
        .touchThatCreates: 6, .unavailableTakenForEnded: 0,
    ]

    @Test(arguments: PlantedBug.allCases)
    func isCaught(bug: PlantedBug) {
        var failure: Simulation.Outcome?
        // With a number of seeds asked for, the search begins at 0: it tells how quickly each is found.
        if !Environment.isLong, let seed = Self.knownSeeds[bug] {
            failure = Simulation.search(seed..<(seed + 1), bug: bug).failure
        }
        failure = failure ?? Simulation.search(0..<10_000, bug: bug).failure
        guard let failure, let violation = failure.violation else {
            Issue.record("\(bug) is not caught within 10,000 seeds")
            return
        }
        #expect(
            Simulation.run(seed: failure.seed).violation == nil,
            "the mistake, not the product, is caught"
        )
        print("\(bug): seed \(failure.seed), \(violation)")
    }
}
