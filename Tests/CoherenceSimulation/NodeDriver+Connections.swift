import SessionCore

/// The subscription, the pipeline of commands, and what the server says of itself.
extension NodeDriver {
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

    func isFlushKept(_ order: CoherenceMachine.Action) -> Bool {
        !(self.bug == .noFlushOnReconnect && order == .flush)
    }

    // MARK: The command connection

    func send(_ command: Command, _ purpose: Purpose) {
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

    func replied(_ reply: Reply, to pending: Pending) {
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
    func failed(_ purpose: Purpose) {
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
    func greeted(_ identity: Int, _ time: Timestamp, sentAt: MonotonicInstant) {
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

    var mayServe: Bool {
        self.isAlone || self.now >= self.machine.servesFrom || self.bug == .servesWithoutWaiting
            || self.bug == .journalAppliedAfterServing
    }
}
