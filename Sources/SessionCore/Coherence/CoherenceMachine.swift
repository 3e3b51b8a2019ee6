/// Keeps one node's copies honest: what comes in over the subscription, the heartbeats and the server's identity
/// become orders for the near-cache, the lease and the acknowledgements.
///
/// States of the subscription, by the way out of them:
/// - *down*: no copy may be kept and no lease held; left by ``subscribed()``.
/// - *up*: messages are applied in the order of their arrival; left by ``subscriptionLost()``.
///
/// Orders must be carried out in sequence and before the next event is fed in: an echo that extends the lease
/// may only do so after every message before it has reached the cache.
package struct CoherenceMachine: Sendable {
    package enum Action: Sendable, Equatable {
        /// Drop every copy and spoil every fill under way.
        case flush
        /// These sessions have ended: drop copies, spoil fills, remember.
        case end([SessionID])
        /// These copies are stale.
        case invalidate([SessionID])
        /// Refuse records of an epoch before this one.
        case raiseEpoch(UInt64)
        /// These are the settings from now on, as they are stored.
        case adoptSettings(String)
        /// Tell `node`, on its channel, that its broadcast `number` is applied here.
        case acknowledge(node: NodeID, number: UInt64)
        /// An acknowledgement for a broadcast of this node.
        case acknowledged(by: NodeID, number: UInt64)
        /// The near-cache may answer until this instant.
        case leaseExtended(to: MonotonicInstant)
        /// The near-cache may not answer.
        case leaseEnded
    }

    package let node: NodeID
    private var lease: Lease
    private let leaseLength: Duration
    /// From when on this node may accept what Redis says, create and rotate. After connecting to a server it
    /// did not know (the first one included) it keeps still for the length of a lease, in which the other nodes
    /// apply their journals there: a node that missed a revocation could not do that one itself.
    package private(set) var servesFrom = MonotonicInstant.distantPast
    package private(set) var journal: RevocationJournal
    /// Whether copies may be filled: only what is read while the subscription is up is told when it changes.
    package private(set) var isSubscribed = false

    package init(
        node: NodeID,
        lease: Lease.Configuration,
        journal: RevocationJournal = RevocationJournal()
    ) {
        self.node = node
        self.lease = Lease(configuration: lease)
        self.leaseLength = lease.length
        self.journal = journal
    }

    /// When the lease runs out.
    package var leaseExpiry: MonotonicInstant { self.lease.expiry }
    package var epoch: UInt64 { self.journal.epoch }

    /// Every channel is confirmed. Fills that began before may have missed an invalidation.
    package mutating func subscribed() -> [Action] {
        self.isSubscribed = true
        return [.flush]
    }

    /// The subscription connection is gone.
    package mutating func subscriptionLost() -> [Action] {
        self.isSubscribed = false
        self.lease.revoke()
        return [.leaseEnded, .flush]
    }

    /// A heartbeat is about to be sent; `nil` while there is no subscription to bring its echo.
    package mutating func heartbeat(at now: MonotonicInstant) -> UInt64? {
        self.isSubscribed ? self.lease.heartbeat(at: now) : nil
    }

    /// A message has arrived over the subscription.
    package mutating func received(_ message: RevocationMessage, at now: MonotonicInstant) -> [Action] {
        switch message {
        case .ended(let origin, let ids):
            self.journal.record(ids, at: now)
            return [.end(ids)] + self.acknowledgement(origin)
        case .changed(let origin, let ids):
            return [.invalidate(ids)] + self.acknowledgement(origin)
        case .everyone(let origin, let epoch):
            return self.raise(epoch) + self.acknowledgement(origin)
        case .settings(let origin, let settings):
            return [.adoptSettings(settings)] + self.acknowledgement(origin)
        case .ping(let sequence, let epoch):
            // Before the lease: what was raised while the subscription was down was not told.
            let raised = self.raise(epoch)
            guard self.isSubscribed, case .extend(let expiry) = self.lease.echo(sequence: sequence) else {
                return raised
            }
            return raised + [.leaseExtended(to: expiry)]
        case .acknowledged(let node, let number):
            return [.acknowledged(by: node, number: number)]
        }
    }

    /// This node has ended sessions itself, or has read that they are gone.
    package mutating func ended(_ ids: [SessionID], at now: MonotonicInstant) -> [Action] {
        self.journal.record(ids, at: now)
        return [.end(ids)]
    }

    /// An epoch was read from Redis or set there.
    package mutating func learned(epoch: UInt64) -> [Action] { self.raise(epoch) }

    /// The commands now go to another Redis (new run id, replication id or role), or to the first one. What it
    /// does not know is to be applied again before it serves, and not before ``servesFrom`` does it serve.
    /// - Returns: the orders, and what to end and the epoch to raise there.
    package mutating func serverChanged(
        at now: MonotonicInstant
    ) -> (actions: [Action], sessions: [SessionID], epoch: UInt64) {
        self.lease.revoke()
        self.servesFrom = now + self.leaseLength
        return ([.leaseEnded, .flush], self.journal.sessions(at: now), self.journal.epoch)
    }

    private mutating func raise(_ epoch: UInt64) -> [Action] {
        self.journal.raise(epoch: epoch) ? [.raiseEpoch(epoch)] : []
    }

    private func acknowledgement(_ origin: RevocationMessage.Origin?) -> [Action] {
        origin.map { [.acknowledge(node: $0.node, number: $0.number)] } ?? []
    }
}
