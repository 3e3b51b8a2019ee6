import SessionCore

/// Faults: broken and slow links, stopped and killed nodes, restarts and failovers of Redis.
extension World {
    var isFaultUnderWay: Bool { self.now < self.faultUntil }

    func strike(_ event: Event) {
        switch event {
        case .fault:
            guard self.now < self.end else { return }
            self.nextFault()
            self.add(.fault, after: self.random.within(150_000...900_000))
        case .resume(let node):
            self.nodes[node].isPaused = false
            if let trace { trace("\(self.now) node \(node) goes on") }
            self.emptyInbox(of: node)
        case .restart(let node, let incarnation):
            guard self.nodes[node].driver.incarnation == incarnation else { return }
            self.nodes[node].isDead = false
            self.start(node)
        case .endOfSlowness(let connection): self.connections[connection].extraLatency = 0
        case .replicaStops(let until):
            guard self.redis.isUp, self.redis.replica == nil else { return }
            self.redis.replica = self.redis.state
            self.snapshotAt = self.now
            if self.random.percent(80) { self.provoke() }
            self.add(.crash(lossy: true), after: until - self.now)
        case .crash(let lossy): self.crash(lossy: lossy)
        case .serverUp:
            self.redis.isUp = true
            self.redis.identity += 1
            self.checkWhatWasLost()
            if let trace { trace("\(self.now) redis is up again") }
        default: break
        }
    }

    private func nextFault() {
        let node = self.random.below(self.nodes.count)
        let kind = self.random.below(100)
        let duration = self.random.within(50_000...900_000)
        if kind < 80, self.now < self.nodes[node].protectedUntil || self.nodes[node].isDead { return }
        self.history.counts.faults += 1
        self.faultUntil = max(self.faultUntil, self.now + duration)
        if let trace { trace("\(self.now) fault \(kind) on node \(node) for \(duration)") }
        switch kind {
        case ..<20: self.cut(self.nodes[node].links[1], notice: self.random.within(1...duration))
        case ..<28: self.cut(self.nodes[node].links[0], notice: self.random.within(1...duration))
        case ..<34:
            for link in self.nodes[node].links { self.cut(link, notice: self.random.within(1...duration)) }
        case ..<46: self.slow(self.nodes[node].links[1], for: duration)
        case ..<52: self.slow(self.nodes[node].links[0], for: duration)
        case ..<68:
            guard !self.nodes[node].isPaused else { return }
            self.nodes[node].isPaused = true
            self.add(.resume(node: node), after: duration)
        case ..<75: self.kill(node, for: duration)
        case ..<80:
            // Reads go on, slowly, without a lease.
            self.nodes[node].subscribesFrom = self.now + duration
            self.cut(self.nodes[node].links[1], notice: self.random.within(1...50_000))
            let command = self.nodes[node].links[0]
            guard command >= 0 else { return }
            self.connections[command].extraLatency = self.random.within(10_000...80_000)
            self.add(.endOfSlowness(connection: command), after: duration)
            for _ in 0..<3 { self.provoke() }
        case ..<85:
            self.add(.crash(lossy: false), after: 1)
            self.faultUntil = max(self.faultUntil, self.now + 300_000)
        default:
            let until = self.now + self.random.within(1000...400_000)
            self.add(.replicaStops(until: until), after: 0)
            self.faultUntil = max(self.faultUntil, until + 300_000)
        }
        if self.random.percent(60) { self.provoke() }
    }

    /// A revocation while the fault lasts, of a session that nodes have copies of.
    private func provoke() {
        let session = self.random.below(Cast.sessions)
        let known = self.history.sessions[session]
        guard known.isKnown, !known.endBegun else { return }
        self.warm(session)
        let target: Target = self.random.oneIn(8) ? .everyone : .session(session)
        self.add(.client(.revoke(target)), after: self.random.within(5000...150_000))
    }

    private func slow(_ connection: Int, for duration: Int64) {
        guard connection >= 0 else { return }
        self.connections[connection].extraLatency = self.random.within(5000...(self.lease * 1100))
        self.add(.endOfSlowness(connection: connection), after: duration)
    }

    private func kill(_ node: Int, for duration: Int64) {
        let old = self.nodes[node].driver
        for touch in old.unconfirmedTouches { self.history.sessions[touch.session].isTouchLost = true }
        for index in self.operations.indices
        where self.operations[index].node == node && self.operations[index].incarnation == old.incarnation {
            self.finish(index, isDone: false)
        }
        for link in self.nodes[node].links { self.cut(link, notice: 1) }
        self.nodes[node].links = [-1, -1]
        self.nodes[node].inbox = [[], [], [], []]
        self.nodes[node].isPaused = false
        self.nodes[node].isDead = true
        self.nodes[node].driver = NodeDriver(world: self, index: node, incarnation: old.incarnation + 1)
        self.add(.restart(node: node, incarnation: old.incarnation + 1), after: duration)
    }

    // MARK: Redis

    private func crash(lossy: Bool) {
        guard self.redis.isUp else { return }
        self.history.counts.failovers += 1
        let downtime = self.random.within(3000...300_000)
        if lossy, let replica = self.redis.replica {
            self.noteLosses(replica, until: self.now + downtime + self.lease * 2000)
            self.redis.state = replica
            self.redis.shift += self.random.within(-100...100)
        }
        self.redis.replica = nil
        self.redis.isUp = false
        self.faultUntil = max(self.faultUntil, self.now + downtime + self.lease * 1000)
        if let trace { trace("\(self.now) redis is gone, lossy \(lossy)") }
        self.closeAllConnections(inSilence: lossy && self.random.oneIn(2))
        self.add(.serverUp, after: downtime)
    }

    /// Checks of what was ended before a failover, just when the nodes come back, and revocations of what they
    /// may still have copies of.
    private func checkWhatWasLost() {
        let ended = self.history.sessions.indices.filter {
            guard let endedAt = self.history.sessions[$0].endedAt else { return false }
            return endedAt > self.snapshotAt
        }
        for session in ended.prefix(3) {
            let token = self.history.sessions[session].token
            for _ in 0..<8 {
                let node = self.random.below(self.nodes.count)
                let check = ClientEvent.check(session: session, token: token, node: node)
                self.add(.client(check), after: self.random.within(1000...(self.lease * 600)))
            }
        }
        if self.random.oneIn(2) { self.provoke() }
    }

    /// What the replica does not have. A revocation is to hold nevertheless if a node that knows of it lives on and
    /// reaches the new server; that node is left alone for so long.
    private func noteLosses(_ replica: SimRedis.State, until: Int64) {
        for session in replica.sessions.indices {
            let lost = self.redis.state.sessions[session]
            switch (lost, replica.sessions[session]) {
            case (.some, nil): self.history.sessions[session].isLost = true
            case (.some(let lost), .some(let kept)):
                if lost.record != kept.record { self.history.sessions[session].isLost = true }
                if lost.expiry != kept.expiry { self.history.sessions[session].isTouchLost = true }
            case (nil, .some):
                self.history.counts.revocationsLostByRedis += 1
                let id = self.cast.ids[session]
                if !self.protectWitness(until: until, where: { $0.cache.isEnded(id) }) {
                    self.exempt(session)
                }
            case (nil, nil):
                if self.history.sessions[session].createdAt.map({ $0 >= self.snapshotAt }) == true {
                    self.history.sessions[session].isLost = true
                }
            }
        }
        let epoch = self.redis.state.epoch
        guard epoch > replica.epoch else { return }
        self.history.counts.revocationsLostByRedis += 1
        if !self.protectWitness(until: until, where: { $0.machine.epoch >= epoch }) {
            self.history.isEpochUncertain = true
            for session in self.history.sessions.indices { self.exempt(session) }
        }
    }

    private func exempt(_ session: Int) {
        self.history.counts.exempted += 1
        self.history.sessions[session].isExempt = true
    }

    /// A node that is well and knows of the revocation, if there is one.
    private func protectWitness(until: Int64, where knows: (NodeDriver) -> Bool) -> Bool {
        for node in self.nodes.indices {
            let state = self.nodes[node]
            guard !state.isPaused, !state.isDead, knows(state.driver) else { continue }
            let isWell = state.links.allSatisfy { link in
                link < 0
                    || !self.connections[link].isClosing && self.connections[link].extraLatency == 0
                        && self.connections[link].toNodeFrom < self.now + 5000
            }
            guard isWell, state.links[0] >= 0 else { continue }
            self.nodes[node].protectedUntil = max(state.protectedUntil, until)
            return true
        }
        return false
    }
}
