import SessionCore

/// The I/O layer of one node, around the real state machines, in the order in which the gateway works:
///
/// - A check is read, *then* the lease examined, then the near-cache asked; a read begins its fill *before* it is
///   sent and ends it with the same ticket.
/// - Orders of the coherence machine are carried out one after the other, an acknowledgement last.
/// - A revocation begins its broadcast before the script is sent and reads `nodes` after the script's reply.
/// - On another server the journal is applied before anything else, and nothing served before its time.
final class NodeDriver {
    private static let cacheCapacity = 12

    private unowned let world: World
    let index: Int
    let incarnation: Int
    let id: NodeID
    private let bug: PlantedBug?
    private let leaseLength: Duration

    private(set) var machine: CoherenceMachine
    private(set) var cache = NearCache(capacity: cacheCapacity, tombstones: 64)
    private(set) var broadcaster = RevocationBroadcaster()
    private var clock = ServerClock()
    /// What checks read: written by the orders only.
    private var leaseExpiry = MonotonicInstant.distantPast
    private var epoch: UInt64 = 0

    private var serverIdentity: Int?
    /// Connected, and the journal applied.
    private(set) var isReady = false
    private var isAlone = false
    private var pipeline: [Pending] = []
    private var reads: [Int: Read] = [:]
    /// Touches that have not been confirmed.
    private(set) var touches: [Touch] = []
    private var operations: [UInt64: Int] = [:]
    private var deadlineTimer = MonotonicInstant(nanoseconds: .max)
    /// Whether an entry may have had to make room.
    private(set) var hasBeenFull = false
    // For planted bugs.
    private var wasLeased = false
    private var earlyNodes: [UInt64: [RevocationBroadcaster.NodeLease]] = [:]

    /// One place in the pipeline of the command connection.
    private struct Pending {
        let sentAt: MonotonicInstant
        let purpose: Purpose
        /// The deadline is over: the place stays, its reply is discarded.
        var isGivenUp = false
    }

    private enum Purpose {
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
    private final class Read {
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

    private var now: MonotonicInstant { self.world.monotonic(self.index) }

    // MARK: Checks

    /// The request has been read.
    func received(check: Int) {
        if self.world.random.oneIn(8) {
            self.world.wake(self, after: self.world.random.within(0...3000), .examine(check: check))
        } else {
            self.examine(check)
        }
    }

    func examine(_ check: Int) {
        let now = self.now
        let isLeased = self.bug == .leaseExaminedBeforeRead ? self.wasLeased : now < self.leaseExpiry
        if self.world.random.oneIn(8) {
            let timer = NodeTimer.lookUp(check: check, isLeased: isLeased, at: now)
            self.world.wake(self, after: self.world.random.within(0...3000), timer)
        } else {
            self.lookUp(check, isLeased: isLeased, at: now)
        }
    }

    func lookUp(_ check: Int, isLeased: Bool, at now: MonotonicInstant) {
        let request = self.world.checks[check]
        let id = self.world.cast.ids[request.session]
        guard isLeased, let time = self.clock.time(at: now) else {
            return self.cache.isEnded(id)
                ? self.world.refuse(check) : self.ask(check, isLeased: false, at: now)
        }
        let digest = self.cacheDigest(request.session, request.token)
        switch self.cache.lookup(id, digest: digest, now: time, epoch: self.epoch) {
        case .hit(let value, let isTouchDue):
            if isTouchDue, self.bug != .touchNeverSent {
                let expiry = Timestamp(milliseconds: SimRedis.expiry(value.session, from: time.milliseconds))
                let earlier = self.touches.first { $0.session == request.session }
                self.touches.removeAll { $0.session == request.session }
                self.touches.append(
                    Touch(session: request.session, expiry: expiry, since: earlier?.since ?? time)
                )
            }
            self.world.accept(check, value.session, isHit: true)
        case .ended: self.world.refuse(check)
        case .miss: self.ask(check, isLeased: true, at: now)
        }
    }

    private func ask(_ check: Int, isLeased: Bool, at now: MonotonicInstant) {
        guard self.isReady, self.mayServe, let time = self.clock.time(at: now)
        else { return self.world.unavailable(check) }
        let request = self.world.checks[check]
        let id = self.world.cast.ids[request.session]
        let key = request.session * Cast.tokens + request.token
        // Without a lease nothing says that no revocation was missed since that read was sent.
        if let read = self.reads[key] {
            let isGood = isLeased && read.ticket.map { !self.cache.isSpoilt($0) } ?? false
            if isGood || self.bug == .readSharedWithoutLease { return read.checks.append(check) }
        }
        let read = Read(
            session: request.session,
            token: request.token,
            ticket: self.machine.isSubscribed ? self.cache.beginFill(id) : nil,
            sentAt: time,
            check: check
        )
        self.reads[key] = read
        let withEpoch = !isLeased && self.bug != .epochNotReadWithoutLease
        self.send(.read(session: request.session, withEpoch: withEpoch), .read(read))
    }

    private func completed(_ read: Read, record: SessionRecord?, epoch: UInt64?) {
        self.forget(read)
        let id = self.world.cast.ids[read.session]
        if let epoch { self.carryOut(self.machine.learned(epoch: epoch)) }
        guard let record, let time = self.clock.time(at: self.now) else {
            if record == nil { self.carryOut(self.machine.ended([id], at: self.now)) }
            return self.refuse(read)
        }
        let isOfNow = record.session.epoch >= self.machine.epoch || self.bug == .epochNotComparedOnFill
        guard isOfNow, record.session.absoluteDeadline > time else { return self.refuse(read) }
        switch record.match(self.world.cast.digest(read.session, read.token), at: time) {
        case .current: self.keep(read, record)
        case .grace:
            if self.bug == .graceKept {
                self.keep(read, record)
            } else if let ticket = read.ticket {
                // Good for the grace only; a kept answer would outlive it.
                self.cache.cancelFill(ticket)
            }
        case .reused:
            self.refuse(read)
            return self.world.reuseDetected(read.session, token: read.token, by: self)
        }
        for check in read.checks { self.world.accept(check, record.session, isHit: false) }
    }

    private func keep(_ read: Read, _ record: SessionRecord) {
        guard var ticket = read.ticket else { return }
        if self.bug == .noFillPlaceholder {
            self.cache.cancelFill(ticket)
            ticket = self.cache.beginFill(record.session.id)
        }
        if self.bug == .digestNotCompared { self.world.lastDigest[self.index][read.session] = read.token }
        let isEndless = self.bug == .absoluteDeadlineIgnored
        self.cache.completeFill(
            ticket,
            entry: NearCache.Entry(
                digest: self.world.cast.digest(read.session, read.token),
                value: CachedSession(session: record.session),
                idleTimeout: record.session.idleTimeout,
                absoluteDeadline: isEndless ? Timestamp(milliseconds: .max) : record.session.absoluteDeadline,
                epoch: self.bug == .epochNotComparedOnFill ? .max : record.session.epoch,
                // The key's TTL was set after the sending: an earlier time shortens nothing but our own.
                touchedAt: read.sentAt
            )
        )
        if self.cache.count >= Self.cacheCapacity { self.hasBeenFull = true }
    }

    private func refuse(_ read: Read) {
        if let ticket = read.ticket { self.cache.cancelFill(ticket) }
        for check in read.checks { self.world.refuse(check) }
    }

    private func forget(_ read: Read) {
        let key = read.session * Cast.tokens + read.token
        if self.reads[key] === read { self.reads[key] = nil }
    }

    private func cacheDigest(_ session: Int, _ token: Int) -> Digest256 {
        self.world.cast.digest(
            session,
            self.bug == .digestNotCompared ? self.world.lastDigest[self.index][session] : token
        )
    }

    // MARK: Changes

    func perform(operation: Int) {
        guard self.isReady else { return self.world.finish(operation, isDone: false) }
        switch self.world.operations[operation].kind {
        case .revoke(let target):
            // Acknowledgements may overtake the script's reply.
            let number = self.begin(operation)
            if self.bug == .nodesReadBeforePublish {
                self.send(.nodes, .earlyNodes(number: number, target))
            } else {
                self.send(.revoke(target, self.origin(number)), .revoke(number: number, target))
            }
        case .rotate(let session, let token):
            guard self.mayServe else {
                return self.world.finish(operation, isDone: false)
            }
            let number = self.begin(operation)
            self.send(
                .rotate(session: session, from: token, self.origin(number)),
                .rotate(number: number)
            )
        case .create(let session):
            guard self.mayServe else {
                return self.world.finish(operation, isDone: false)
            }
            self.send(.create(session: session), .create(operation: operation))
        }
    }

    private func begin(_ operation: Int) -> UInt64 {
        let number = self.broadcaster.begin(at: self.now)
        self.operations[number] = operation
        return number
    }

    private func origin(_ number: UInt64) -> RevocationMessage.Origin {
        RevocationMessage.Origin(node: self.id, number: number)
    }

    private func abandon(_ number: UInt64) {
        self.broadcaster.abandon(number)
        if let operation = self.operations.removeValue(forKey: number) {
            self.world.finish(operation, isDone: false)
        }
    }

    private func settle(_ actions: [RevocationBroadcaster.Action]) {
        for case .complete(let number, _) in actions {
            if let operation = self.operations.removeValue(forKey: number) {
                self.world.finish(operation, isDone: true)
            }
        }
        self.armDeadline()
    }

    private func armDeadline() {
        guard let deadline = self.broadcaster.nextDeadline, deadline < self.deadlineTimer else { return }
        self.deadlineTimer = deadline
        let wait = (deadline - self.now).inNanoseconds / 1000 + 50
        self.world.wake(self, after: max(wait, 50), .broadcastDeadline)
    }

    private func nodesRead(_ number: UInt64, _ nodes: [RevocationBroadcaster.NodeLease]) {
        var nodes = nodes
        if self.bug == .silentNodesNotWaitedFor {
            nodes = nodes.map { .init(node: $0.node, remaining: min($0.remaining, .milliseconds(5))) }
        }
        self.settle(self.broadcaster.nodesRead(number, nodes: nodes, at: self.now))
    }

    // MARK: Orders

    private func carryOut(_ orders: [CoherenceMachine.Action]) {
        if self.bug == .acknowledgedBeforeApplied, orders.count > 1, case .acknowledge = orders.last {
            self.carryOut(Array(orders.suffix(1)))
            let rest = Array(orders.dropLast())
            return self.world.wake(self, after: self.world.random.within(0...10_000), .carryOut(rest))
        }
        for order in orders { self.carryOut(order) }
    }

    private func carryOut(_ order: CoherenceMachine.Action) {
        switch order {
        case .flush: self.cache.flush()
        case .end(let ids): for id in ids { self.cache.end(id) }
        case .invalidate(let ids):
            for id in ids where self.bug != .rotationNotInvalidated {
                if self.bug == .invalidationTakenForEnd {
                    self.cache.end(id)
                } else {
                    self.cache.invalidate(id)
                }
            }
        case .raiseEpoch(let epoch): self.epoch = max(self.epoch, epoch)
        case .acknowledge(let node, let number): self.send(.acknowledge(node: node, number: number), .nothing)
        case .acknowledged(let node, let number):
            if self.bug == .olderAcknowledgementsCounted {
                for later in self.operations.keys.sorted() where later > number {
                    self.settle(self.broadcaster.acknowledged(later, by: node, at: self.now))
                }
            }
            self.settle(self.broadcaster.acknowledged(number, by: node, at: self.now))
        case .leaseExtended(let expiry):
            let isLate = self.bug == .leaseFromEchoArrival
            self.leaseExpiry = isLate ? self.now + self.leaseLength * 49 / 50 : expiry
        case .leaseEnded: self.leaseExpiry = .distantPast
        // Nobody changes settings here.
        case .adoptSettings: break
        }
    }

    func carryOutLate(_ orders: [CoherenceMachine.Action]) { for order in orders { self.carryOut(order) } }

    // MARK: The subscription

    func subscription(_ packet: Packet) {
        switch packet {
        case .connected:
            _ = self.world.transmit(.subscribe, from: self, over: .subscription)
            if self.bug == .subscribedBeforeConfirmation { self.carryOut(self.machine.subscribed()) }
        case .subscribed:
            if self.bug == .subscribedBeforeConfirmation { return }
            if self.bug == .subscriptionLossUnnoticed, self.machine.isSubscribed { return }
            self.carryOut(self.machine.subscribed().filter(self.isFlushKept))
        case .message(let message):
            if self.bug == .epochNotInPing, case .ping(let sequence, _) = message {
                return self.carryOut(self.machine.received(.ping(sequence: sequence, epoch: 0), at: self.now))
            }
            self.carryOut(self.machine.received(message, at: self.now))
        case .closed:
            if self.bug != .subscriptionLossUnnoticed {
                self.carryOut(self.machine.subscriptionLost().filter(self.isFlushKept))
            }
            self.world.reconnect(self, .subscription)
        case .reply: break
        }
    }

    private func isFlushKept(_ order: CoherenceMachine.Action) -> Bool {
        !(self.bug == .noFlushOnReconnect && order == .flush)
    }

    // MARK: The command connection

    private func send(_ command: Command, _ purpose: Purpose) {
        // Without a connection there is no place in a pipeline.
        guard self.world.transmit(command, from: self, over: .command) else { return self.failed(purpose) }
        self.pipeline.append(Pending(sentAt: self.now, purpose: purpose))
    }

    func commands(_ packet: Packet) {
        switch packet {
        case .connected: self.send(.hello, .hello)
        case .reply(let reply):
            guard !self.pipeline.isEmpty else { return }
            let pending = self.pipeline.removeFirst()
            if !pending.isGivenUp { self.replied(reply, to: pending) }
        case .closed:
            self.isReady = false
            let lost = self.pipeline
            self.pipeline = []
            for pending in lost where !pending.isGivenUp { self.failed(pending.purpose) }
            self.world.reconnect(self, .command)
        case .subscribed, .message: break
        }
    }

    private func replied(_ reply: Reply, to pending: Pending) {
        switch (pending.purpose, reply) {
        case (.hello, .hello(let identity, let time)): self.greeted(identity, time, sentAt: pending.sentAt)
        case (.replay(let identity), .done): self.send(.others, .others(identity: identity))
        case (.others(let identity), .others(let areThere)):
            self.serverIdentity = identity
            self.isReady = true
            // Nobody else could have a journal.
            self.isAlone = !areThere
        case (.read(let read), .record(let record, let epoch)):
            self.completed(read, record: record, epoch: epoch)
        case (.heartbeat(let sequence), .time(let time)):
            self.clock.observe(serverTime: time, sentAt: pending.sentAt, receivedAt: self.now)
            if self.bug == .leaseWithoutEcho {
                self.carryOut(self.machine.received(.ping(sequence: sequence, epoch: 0), at: self.now))
            }
        case (.touch, .touched(let gone)):
            for session in gone {
                self.carryOut(self.machine.ended([self.world.cast.ids[session]], at: self.now))
            }
        case (.revoke(let number, let target), .ended(let ids, let epoch)):
            var ids = ids
            if case .session(let session) = target { ids = [self.world.cast.ids[session]] }
            if !ids.isEmpty { self.carryOut(self.machine.ended(ids, at: self.now)) }
            if let epoch { self.carryOut(self.machine.learned(epoch: epoch)) }
            if self.bug == .nodesReadBeforePublish {
                self.nodesRead(number, self.earlyNodes.removeValue(forKey: number) ?? [])
            } else {
                self.send(.nodes, .nodes(number: number))
            }
        case (.nodes(let number), .nodes(let nodes)): self.nodesRead(number, nodes)
        case (.earlyNodes(let number, let target), .nodes(let nodes)):
            self.earlyNodes[number] = nodes
            self.send(.revoke(target, self.origin(number)), .revoke(number: number, target))
        case (.rotate(let number), .rotated(let isDone)):
            if isDone { self.send(.nodes, .nodes(number: number)) } else { self.abandon(number) }
        case (.create(let operation), .created): self.world.finish(operation, isDone: true)
        default: break
        }
    }

    /// No reply will come, or none in time.
    private func failed(_ purpose: Purpose) {
        switch purpose {
        case .read(let read):
            self.forget(read)
            if self.bug == .unavailableTakenForEnded { return self.refuse(read) }
            if let ticket = read.ticket { self.cache.cancelFill(ticket) }
            for check in read.checks { self.world.unavailable(check) }
        case .touch(let touches):
            // A look-up takes its touch as done: lost, it would let Redis end a session that is in use.
            if self.bug == .touchNotRepeated { return }
            for touch in touches {
                let later = self.touches.first { $0.session == touch.session }
                self.touches.removeAll { $0.session == touch.session }
                self.touches.append(
                    Touch(session: touch.session, expiry: later?.expiry ?? touch.expiry, since: touch.since)
                )
            }
        case .revoke(let number, _), .nodes(let number), .earlyNodes(let number, _), .rotate(let number):
            self.abandon(number)
        case .create(let operation): self.world.finish(operation, isDone: false)
        case .hello, .replay, .others: self.world.drop(self, .command)
        case .heartbeat, .nothing: break
        }
    }

    /// The server has said who it is.
    private func greeted(_ identity: Int, _ time: Timestamp, sentAt: MonotonicInstant) {
        guard identity != self.serverIdentity else {
            self.isReady = true
            return
        }
        let now = self.now
        let change = self.machine.serverChanged(at: now)
        if self.bug != .acknowledgedAfterServerChange {
            self.broadcaster.serverChanged(at: now, leaseLength: self.leaseLength)
        }
        self.isAlone = false
        self.carryOut(change.actions)
        // Another machine, another wall clock.
        self.clock = ServerClock()
        self.clock.observe(serverTime: time, sentAt: sentAt, receivedAt: now)
        self.armDeadline()
        let sessions = self.bug == .journalNotKept ? [] : change.sessions
        if self.bug == .journalAppliedAfterServing {
            self.serverIdentity = identity
            self.isReady = true
            return self.world.wake(self, after: self.world.random.within(10_000...200_000), .lateReplay)
        }
        self.send(.replay(sessions, epoch: change.epoch), .replay(identity: identity))
    }

    func replayLate() {
        var journal = self.machine.journal
        self.send(.replay(journal.sessions(at: self.now), epoch: journal.epoch), .nothing)
    }

    private var mayServe: Bool {
        self.isAlone || self.now >= self.machine.servesFrom || self.bug == .servesWithoutWaiting
            || self.bug == .journalAppliedAfterServing
    }

    // MARK: Time

    /// Every quarter of the lease's length.
    func beat() {
        let now = self.now
        self.giveUpLateCommands(at: now)
        if self.isReady {
            if let sequence = self.machine.heartbeat(at: now) {
                self.send(.heartbeat(sequence: sequence), .heartbeat(sequence: sequence))
            }
            self.sendTouches()
        }
        self.world.wake(self, after: self.world.lease * 1000 / 4, .beat)
    }

    private func sendTouches() {
        guard !self.touches.isEmpty else { return }
        let due = self.touches
        self.touches = []
        if self.bug == .touchThatCreates {
            for touch in due { self.world.storeBack(touch, by: self) }
        } else {
            self.send(.touch(due), .touch(due))
        }
    }

    func storeBack(_ session: Int, _ record: SessionRecord, expiry: Timestamp) {
        self.send(.store(session: session, record, expiry: expiry), .nothing)
    }

    /// Touches of which Redis has said nothing yet.
    var unconfirmedTouches: [Touch] {
        self.pipeline.reduce(into: self.touches) { touches, pending in
            if case .touch(let sent) = pending.purpose { touches += sent }
        }
    }

    private func giveUpLateCommands(at now: MonotonicInstant) {
        let timeout = Duration.milliseconds(self.world.commandTimeout)
        for place in self.pipeline.indices
        where !self.pipeline[place].isGivenUp && self.pipeline[place].sentAt + timeout < now {
            self.pipeline[place].isGivenUp = true
            self.failed(self.pipeline[place].purpose)
            guard place < self.pipeline.count else { return }
        }
        if self.bug == .timedOutPlaceReused { self.pipeline.removeAll { $0.isGivenUp } }
    }

    func broadcastDeadline() {
        self.deadlineTimer = MonotonicInstant(nanoseconds: .max)
        self.settle(self.broadcaster.advance(to: self.now))
    }

    /// The event loop is done with an event.
    func turnIsOver() { self.wasLeased = self.now < self.leaseExpiry }
}
