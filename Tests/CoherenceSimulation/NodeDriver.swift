import SessionCore

/// The I/O layer of one node, around the real state machines, in the order in which the gateway works:
///
/// - A check is read, *then* the lease examined, then the near-cache asked; a read begins its fill *before* it is
///   sent and ends it with the same ticket.
/// - Orders of the coherence machine are carried out one after the other, an acknowledgement last.
/// - A revocation begins its broadcast before the script is sent and reads `nodes` after the script's reply.
/// - On another server the journal is applied before anything else, and nothing served before its time.
final class NodeDriver {
    static let cacheCapacity = 12

    unowned let world: World
    let index: Int
    let incarnation: Int
    let id: NodeID
    let bug: PlantedBug?
    let leaseLength: Duration

    var machine: CoherenceMachine
    var cache = NearCache(capacity: cacheCapacity, tombstones: 64)
    var broadcaster = RevocationBroadcaster()
    var clock = ServerClock()
    /// What checks read: written by the orders only.
    var leaseExpiry = MonotonicInstant.distantPast
    var epoch: UInt64 = 0

    var serverIdentity: Int?
    /// Connected, and the journal applied.
    var isReady = false
    var isAlone = false
    var pipeline: [Pending] = []
    var reads: [Int: Read] = [:]
    /// Touches that have not been confirmed.
    var touches: [Touch] = []
    var operations: [UInt64: Int] = [:]
    var deadlineTimer = MonotonicInstant(nanoseconds: .max)
    /// Whether an entry may have had to make room.
    var hasBeenFull = false
    // For planted bugs.
    var wasLeased = false
    var earlyNodes: [UInt64: [RevocationBroadcaster.NodeLease]] = [:]

    /// One place in the pipeline of the command connection.
    struct Pending {
        let sentAt: MonotonicInstant
        let purpose: Purpose
        /// The deadline is over: the place stays, its reply is discarded.
        var isGivenUp = false
    }

    enum Purpose {
        case hello
        case replay(identity: Int)
        case others(identity: Int)
        case read(Read)
        case heartbeat(sequence: UInt64)
        case touch([Touch])
        case revoke(number: UInt64, Target)
        case nodes(number: UInt64)
        case earlyNodes(number: UInt64, Target)
        case rotate(number: UInt64)
        case create(operation: Int)
        case nothing
    }

    /// One GETEX, and the checks that wait for it.
    final class Read {
        let session: Int
        let token: Int
        let ticket: NearCache.FillTicket?
        let sentAt: Timestamp
        var checks: [Int]

        init(session: Int, token: Int, ticket: NearCache.FillTicket?, sentAt: Timestamp, check: Int) {
            self.session = session
            self.token = token
            self.ticket = ticket
            self.sentAt = sentAt
            self.checks = [check]
        }
    }

    init(world: World, index: Int, incarnation: Int) {
        self.world = world
        self.index = index
        self.incarnation = incarnation
        self.id = NodeID(value: UInt64(index + 1) << 32 | UInt64(incarnation))
        self.bug = world.bug
        self.leaseLength = .milliseconds(world.lease)
        self.machine = CoherenceMachine(node: self.id, lease: Lease.Configuration(length: self.leaseLength))
    }

    var now: MonotonicInstant { self.world.monotonic(self.index) }
}
