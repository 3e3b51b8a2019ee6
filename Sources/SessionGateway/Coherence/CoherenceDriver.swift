import Logging
import NIOCore
import RedisClient
import SessionCore
import SessionStore
import Synchronization

/// Drives the ``CoherenceMachine`` of this node: feeds it what arrives over the subscription, and carries out
/// its orders on the near-cache, the lease and the acknowledgements.
///
/// The machine's lock is held while its orders are carried out, so that they are done in sequence and before the
/// next event: an echo that extends the lease must find every message before it applied. All orders are short
/// and do no I/O beyond handing a command to a connection.
final class CoherenceDriver: Sendable {
    let node: NodeID
    private let machine: Mutex<CoherenceMachine>
    private let cache: NearCacheShards
    private let clock: CheckClock
    private let acknowledge: @Sendable (_ to: NodeID, _ number: UInt64) -> Void
    private let receipts: ReceiptCoordinator
    private let settings: SettingsCache
    private let serverClock = Mutex(ServerClock())
    private let leaseLength: Duration
    private let applied = Atomic<UInt64>(0)
    private let logger: Logger

    init(
        node: NodeID,
        lease: Lease.Configuration,
        cache: NearCacheShards,
        clock: CheckClock,
        receipts: ReceiptCoordinator,
        settings: SettingsCache,
        logger: Logger,
        acknowledge: @escaping @Sendable (_ to: NodeID, _ number: UInt64) -> Void
    ) {
        self.node = node
        self.machine = Mutex(CoherenceMachine(node: node, lease: lease))
        self.leaseLength = lease.length
        self.cache = cache
        self.clock = clock
        self.receipts = receipts
        self.settings = settings
        self.logger = logger
        self.acknowledge = acknowledge
    }

    var isLeased: Bool { self.clock.isLeased(at: MonotonicClock.now()) }

    var isSubscribed: Bool { self.machine.withLock { $0.isSubscribed } }

    /// How many broadcasts of other nodes have been applied here.
    var appliedBroadcasts: UInt64 { self.applied.load(ordering: .relaxed) }

    /// Events of the subscription connection, in their order.
    func handle(_ event: RedisSubscriber.Event) {
        switch event {
        case .connected: break
        case .subscribed:
            self.settings.mayHaveMissed()
            self.drive { $0.subscribed() }
        case .lost(let error):
            // "Unavailable" is this node's own shutting down.
            let level: Logger.Level = error.code == .unavailable ? .debug : .warning
            self.logger.log(level: level, "Subscription lost", metadata: ["reason": "\(error)"])
            self.settings.mayHaveMissed()
            self.drive { $0.subscriptionLost() }
        case .message(_, let payload):
            guard let message = RevocationMessage(String(buffer: payload)) else {
                self.logger.warning("Unknown message on the revocation channel")
                return
            }
            let now = MonotonicClock.now()
            self.drive { $0.received(message, at: now) }
        }
    }

    /// The sequence number for a heartbeat that is sent now, or `nil` while no echo could come back.
    func heartbeat(at now: MonotonicInstant) -> UInt64? { self.machine.withLock { $0.heartbeat(at: now) } }

    /// Redis answered a heartbeat.
    func heartbeatAnswered(time: Timestamp, epoch: UInt64, sentAt: MonotonicInstant) {
        let receivedAt = MonotonicClock.now()
        self.serverClock.withLock { serverClock in
            serverClock.observe(serverTime: time, sentAt: sentAt, receivedAt: receivedAt)
            if let offset = serverClock.offsetNanoseconds {
                self.clock.synchronize(offsetNanoseconds: offset)
            }
        }
        self.learned(epoch: epoch)
    }

    /// A script found that the estimate of Redis's clock is far off.
    func correctClock(_ time: Timestamp) {
        let now = MonotonicClock.now()
        self.serverClock.withLock { serverClock in
            serverClock.correct(serverTime: time, at: now)
            if let offset = serverClock.offsetNanoseconds {
                self.clock.synchronize(offsetNanoseconds: offset)
            }
        }
    }

    func learned(epoch: UInt64) { self.drive { $0.learned(epoch: epoch) } }

    /// This node knows that the sessions have ended, and tells nobody but itself.
    func ended(_ ids: [SessionID]) {
        let now = MonotonicClock.now()
        self.drive { $0.ended(ids, at: now) }
    }

    /// This node knows that its copies are stale.
    func changed(_ ids: [SessionID]) { self.cache.invalidate(ids) }

    /// Another Redis is asked from now on, on another clock.
    /// - Returns: what it has to be told before it serves.
    func serverChanged() -> (sessions: [SessionID], epoch: UInt64) {
        let now = MonotonicClock.now()
        self.receipts.serverChanged(leaseLength: self.leaseLength)
        self.settings.serverChanged()
        self.serverClock.withLock { $0 = ServerClock() }
        return self.machine.withLock { machine in
            let (actions, sessions, epoch) = machine.serverChanged(at: now)
            for action in actions { self.carryOut(action) }
            self.cache.forgetEndings()
            return (sessions, epoch)
        }
    }

    /// Until when the node keeps still after ``serverChanged()``, so that the other nodes can apply their
    /// journals to the server: this one may have missed what they have heard.
    var servesFrom: MonotonicInstant { self.machine.withLock { $0.servesFrom } }

    private func drive(_ event: (inout CoherenceMachine) -> [CoherenceMachine.Action]) {
        self.machine.withLock { machine in
            for action in event(&machine) { self.carryOut(action) }
        }
    }

    private func carryOut(_ action: CoherenceMachine.Action) {
        switch action {
        case .flush: self.cache.flush()
        case .end(let ids): self.cache.end(ids)
        case .invalidate(let ids): self.cache.invalidate(ids)
        case .raiseEpoch(let epoch): self.clock.raise(epoch: epoch)
        case .adoptSettings(let text):
            guard let settings = StoredSettings(text) else {
                // The next login asks for them, and says what is wrong.
                self.logger.warning("Unreadable settings on the revocation channel")
                return self.settings.mayHaveMissed()
            }
            self.settings.heard(settings)
        case .acknowledge(let node, let number):
            // Its own broadcasts are applied, and counted, where they are made.
            guard node != self.node else { return }
            self.applied.add(1, ordering: .relaxed)
            self.acknowledge(node, number)
        case .acknowledged(let node, let number): self.receipts.acknowledged(number, by: node)
        case .leaseExtended(let expiry): self.clock.extendLease(to: expiry)
        case .leaseEnded: self.clock.endLease()
        }
    }
}
