/// Mistakes that a node's I/O layer could make around the state machines of SessionCore. The simulator has to
/// catch each: a test of the test.
package enum PlantedBug: String, CaseIterable, Sendable {
    /// A fill takes its ticket when the reply is there, so invalidations in between do not spoil it.
    case noFillPlaceholder
    /// Copies survive the loss and the return of the subscription.
    case noFlushOnReconnect
    /// The subscription is taken for up when it is asked for, not when it is confirmed.
    case subscribedBeforeConfirmation
    /// A broken subscription is replaced in silence: neither flush nor end of lease.
    case subscriptionLossUnnoticed
    /// The lease was examined before the request was read; a pause lies in between.
    case leaseExaminedBeforeRead
    /// The heartbeat's own reply renews the lease, not its echo over the subscription.
    case leaseWithoutEcho
    /// The lease runs from the echo's arrival, not from the heartbeat's sending.
    case leaseFromEchoArrival
    /// The acknowledgement goes out before the copies are gone.
    case acknowledgedBeforeApplied
    /// `nodes` is read before the publication.
    case nodesReadBeforePublish
    /// The revoker gives silent nodes a moment only.
    case silentNodesNotWaitedFor
    /// An acknowledgement of an older broadcast counts for the present ones.
    case olderAcknowledgementsCounted
    /// A record's epoch is not compared when it is read.
    case epochNotComparedOnFill
    /// Without a lease, the epoch is not read along with the record.
    case epochNotReadWithoutLease
    /// The ping does not bring the epoch.
    case epochNotInPing
    /// A touch writes the record back.
    case touchThatCreates
    /// A touch that failed is forgotten.
    case touchNotRepeated
    /// Hits do not set the TTL.
    case touchNeverSent
    /// The node serves at once after connecting to another server, and applies its journal a little later.
    case journalAppliedAfterServing
    /// What was ended is not kept for another server.
    case journalNotKept
    /// The node serves as soon as its own journal is applied, not when the others had time for theirs.
    case servesWithoutWaiting
    /// Acknowledgements are given although leases of a former server may live.
    case acknowledgedAfterServerChange
    /// A stale copy is taken for an ended session.
    case invalidationTakenForEnd
    /// A rotation leaves the copies of the old token.
    case rotationNotInvalidated
    /// An answer that is good for the grace only is kept.
    case graceKept
    /// The near-cache answers whatever token the session is asked for with.
    case digestNotCompared
    /// A check joins a read under way although no lease says that nothing was missed since.
    case readSharedWithoutLease
    /// A command that timed out gives up its place in the pipeline.
    case timedOutPlaceReused
    /// A check that Redis did not answer is refused.
    case unavailableTakenForEnded
    /// The session's absolute deadline is left to Redis.
    case absoluteDeadlineIgnored
}
