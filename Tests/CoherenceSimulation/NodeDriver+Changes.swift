import SessionCore

/// Revocations and other changes, and the orders of the coherence machine.
extension NodeDriver {
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

    func begin(_ operation: Int) -> UInt64 {
        let number = self.broadcaster.begin(at: self.now)
        self.operations[number] = operation
        return number
    }

    func origin(_ number: UInt64) -> RevocationMessage.Origin {
        RevocationMessage.Origin(node: self.id, number: number)
    }

    func abandon(_ number: UInt64) {
        self.broadcaster.abandon(number)
        if let operation = self.operations.removeValue(forKey: number) {
            self.world.finish(operation, isDone: false)
        }
    }

    func settle(_ actions: [RevocationBroadcaster.Action]) {
        for case .complete(let number, _) in actions {
            if let operation = self.operations.removeValue(forKey: number) {
                self.world.finish(operation, isDone: true)
            }
        }
        self.armDeadline()
    }

    func armDeadline() {
        guard let deadline = self.broadcaster.nextDeadline, deadline < self.deadlineTimer else { return }
        self.deadlineTimer = deadline
        let wait = (deadline - self.now).inNanoseconds / 1000 + 50
        self.world.wake(self, after: max(wait, 50), .broadcastDeadline)
    }

    func nodesRead(_ number: UInt64, _ nodes: [RevocationBroadcaster.NodeLease]) {
        var nodes = nodes
        if self.bug == .silentNodesNotWaitedFor {
            nodes = nodes.map { .init(node: $0.node, remaining: min($0.remaining, .milliseconds(5))) }
        }
        self.settle(self.broadcaster.nodesRead(number, nodes: nodes, at: self.now))
    }

    // MARK: Orders

    func carryOut(_ orders: [CoherenceMachine.Action]) {
        if self.bug == .acknowledgedBeforeApplied, orders.count > 1, case .acknowledge = orders.last {
            self.carryOut(Array(orders.suffix(1)))
            let rest = Array(orders.dropLast())
            return self.world.wake(self, after: self.world.random.within(0...10_000), .carryOut(rest))
        }
        for order in orders { self.carryOut(order) }
    }

    func carryOut(_ order: CoherenceMachine.Action) {
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
}
