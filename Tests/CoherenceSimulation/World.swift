import SessionCore

/// One simulation: Redis, nodes, the network between them, clients and faults, in virtual time.
///
/// Times are microseconds from the start. The events of a paused node wait in its inbox, each connection's in its
/// order, and are handled in a random interleaving when it goes on; its clock runs on.
final class World {
    struct Node {
        var driver: NodeDriver
        /// The present connection of each kind; -1 while there is none.
        var links = [-1, -1]
        var isPaused = false
        var isDead = false
        /// Commands and answers, subscription, timers, requests.
        var inbox: [[Event]] = [[], [], [], []]
        /// The node's monotonic clock: where it begins and how fast it runs.
        let clockOrigin: Int64
        let clockRate: Int64
        /// No new subscription succeeds before then.
        var subscribesFrom: Int64 = 0
        /// Faults leave the node alone until then: the one that knows what a failover lost.
        var protectedUntil: Int64 = 0
    }

    struct Connection {
        let node: Int
        let link: Link
        let serverIdentity: Int
        let openedAt: Int64
        var isSubscribed = false
        var extraLatency: Int64 = 0
        /// The order within a connection is kept: nothing arrives before these times.
        var toServerFrom: Int64 = 0
        var toNodeFrom: Int64 = 0
        var losesToServer = false
        var losesToNode = false
        /// The node has been, or will be, told that it is closed.
        var isClosing = false
    }

    let bug: PlantedBug?
    let cast = Cast.shared
    var random: SimulationRandom
    private(set) var now: Int64 = 0
    private var queue = EventQueue()
    private var isOver = false
    var redis = SimRedis()
    var nodes: [Node] = []
    var connections: [Connection] = []
    var checks: [Check] = []
    var operations: [Operation] = []
    var history: History

    /// Milliseconds.
    let lease: Int64
    let commandTimeout: Int64
    let grace: Int64
    /// Microseconds.
    let end: Int64
    let hasFaults: Bool
    /// Until when some fault lasts, and when the replica stopped to follow.
    var faultUntil: Int64 = 0
    var snapshotAt: Int64 = 0

    /// What planted bugs remember: the token whose copy a node keeps, and the records it has seen.
    var lastDigest: [[Int]]
    var lastRecord: [Int: SessionRecord] = [:]
    /// How the course of events is shown; `nil` in the long runs.
    let trace: ((String) -> Void)?

    init(seed: UInt64, bug: PlantedBug?, trace: ((String) -> Void)? = nil) {
        self.bug = bug
        self.trace = trace
        var random = SimulationRandom(seed: seed)
        self.lease = [200, 300, 500][random.below(3)]
        self.commandTimeout = random.within(60...300)
        self.grace = [0, 200, 600][random.below(3)]
        self.end = random.within(2_700_000...4_000_000)
        self.hasFaults = !random.oneIn(12)
        let count = 3 + random.below(3)
        self.lastDigest = Array(repeating: Array(repeating: 0, count: Cast.sessions), count: count)
        self.history = History()
        self.random = random
        for index in 0..<count {
            let origin = self.random.within(-3_600_000_000...3_600_000_000) + 4_000_000_000
            let rate = self.random.within(-2000...2000)
            self.nodes.append(
                Node(
                    driver: NodeDriver(world: self, index: index, incarnation: 0),
                    clockOrigin: origin,
                    clockRate: rate
                )
            )
        }
    }

    // MARK: Time

    func monotonic(_ node: Int) -> MonotonicInstant {
        let clock =
            self.nodes[node].clockOrigin + self.now + self.now * self.nodes[node].clockRate / 1_000_000
        return MonotonicInstant(nanoseconds: clock * 1000)
    }

    func add(_ event: Event, after delay: Int64) { self.queue.add(event, at: self.now + delay) }

    func wake(_ driver: NodeDriver, after delay: Int64, _ timer: NodeTimer) {
        self.add(.timer(node: driver.index, incarnation: driver.incarnation, timer), after: delay)
    }

    func stop() { self.isOver = true }

    func run() {
        self.begin()
        while !self.isOver, self.history.violation == nil, let next = self.queue.next() {
            self.now = next.time
            self.history.events += 1
            self.handle(next.event)
        }
    }

    // MARK: Events

    private func handle(_ event: Event) {
        switch event {
        case .toServer(let connection, let command): self.arriveAtServer(connection, command)
        case .toNode(let connection, _):
            let node = self.connections[connection].node
            self.deliver(event, to: node, source: self.connections[connection].link.rawValue)
        case .connect(let node, let incarnation, let link):
            if self.nodes[node].driver.incarnation == incarnation { self.connect(node, link) }
        case .timer(let node, let incarnation, _):
            if self.nodes[node].driver.incarnation == incarnation { self.deliver(event, to: node, source: 2) }
        case .checkArrives(let check): self.deliver(event, to: self.checks[check].node, source: 3)
        case .operationArrives(let operation):
            self.deliver(event, to: self.operations[operation].node, source: 3)
        case .client(let event): self.act(event)
        case .resume, .restart, .fault, .endOfSlowness, .replicaStops, .crash, .serverUp: self.strike(event)
        case .finalChecks(let round): self.finalChecks(round: round)
        }
    }

    private func deliver(_ event: Event, to node: Int, source: Int) {
        if self.nodes[node].isDead { return }
        if self.nodes[node].isPaused {
            self.nodes[node].inbox[source].append(event)
        } else {
            self.perform(event, on: node)
        }
    }

    /// Hands over what has waited while the node was paused.
    func emptyInbox(of node: Int) {
        while true {
            let waiting = (0..<4).filter { !self.nodes[node].inbox[$0].isEmpty }
            guard !waiting.isEmpty else { return }
            let source = waiting[self.random.below(waiting.count)]
            self.perform(self.nodes[node].inbox[source].removeFirst(), on: node)
        }
    }

    private func perform(_ event: Event, on node: Int) {
        let driver = self.nodes[node].driver
        switch event {
        case .toNode(let connection, let packet):
            let link = self.connections[connection].link
            // What an earlier connection still brings is not read any more.
            guard self.nodes[node].links[link.rawValue] == connection else { return }
            if case .closed = packet { self.nodes[node].links[link.rawValue] = -1 }
            if let trace { trace("\(self.now) node \(node) \(link) \(packet)") }
            if link == .command { driver.commands(packet) } else { driver.subscription(packet) }
        case .timer(_, let incarnation, let timer):
            guard driver.incarnation == incarnation else { return }
            switch timer {
            case .beat: driver.beat()
            case .broadcastDeadline: driver.broadcastDeadline()
            case .examine(let check): driver.examine(check)
            case .lookUp(let check, let isLeased, let at): driver.lookUp(check, isLeased: isLeased, at: at)
            case .carryOut(let orders): driver.carryOutLate(orders)
            case .lateReplay: driver.replayLate()
            }
        case .checkArrives(let check): driver.received(check: check)
        case .operationArrives(let operation): driver.perform(operation: operation)
        default: break
        }
        driver.turnIsOver()
    }
}
