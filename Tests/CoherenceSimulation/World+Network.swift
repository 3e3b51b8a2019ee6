import SessionCore

/// Connections: ordered within, lost as a whole, slow at times.
extension World {
    func latency(_ connection: Int) -> Int64 {
        let base = self.random.within(40...600)
        let kind = self.random.below(100)
        let isProtected = self.now < self.nodes[self.connections[connection].node].protectedUntil
        if isProtected || self.now > self.end + 1_000_000 { return base }
        let spike: Int64 =
            kind < 92 ? 0 : kind < 99 ? self.random.within(0...15_000) : self.random.within(0...100_000)
        return base + spike + self.connections[connection].extraLatency
    }

    func connect(_ node: Int, _ link: Link) {
        let isBlocked = link == .subscription && self.now < self.nodes[node].subscribesFrom
        guard self.redis.isUp, !self.nodes[node].isDead, !isBlocked else {
            return self.add(
                .connect(node: node, incarnation: self.nodes[node].driver.incarnation, link),
                after: self.random.within(2000...(self.lease * 1000 / 4))
            )
        }
        let connection = self.connections.count
        self.connections.append(
            Connection(node: node, link: link, serverIdentity: self.redis.identity, openedAt: self.now)
        )
        self.nodes[node].links[link.rawValue] = connection
        if self.hasFaults, self.now < self.end, self.now >= self.nodes[node].protectedUntil,
            self.random.oneIn(5)
        {
            self.connections[connection].extraLatency = self.random.within(5000...60_000)
            self.add(.endOfSlowness(connection: connection), after: 300_000)
        }
        self.send(.connected, over: connection)
    }

    /// The node wants a new connection.
    func reconnect(_ driver: NodeDriver, _ link: Link) {
        self.add(
            .connect(node: driver.index, incarnation: driver.incarnation, link),
            after: self.random.within(500...(self.lease * 1000 / 4))
        )
    }

    /// From a node to Redis.
    /// - Returns: whether there is a connection.
    func transmit(_ command: Command, from driver: NodeDriver, over link: Link) -> Bool {
        let connection = self.nodes[driver.index].links[link.rawValue]
        guard connection >= 0 else { return false }
        let arrival = max(self.connections[connection].toServerFrom + 1, self.now + self.latency(connection))
        self.connections[connection].toServerFrom = arrival
        self.add(.toServer(connection: connection, command), after: arrival - self.now)
        return true
    }

    /// From Redis to a node.
    func send(_ packet: Packet, over connection: Int) {
        guard !self.connections[connection].losesToNode else { return }
        let arrival = max(self.connections[connection].toNodeFrom + 1, self.now + self.latency(connection))
        self.connections[connection].toNodeFrom = arrival
        self.add(.toNode(connection: connection, packet), after: arrival - self.now)
    }

    /// A link breaks: what is on its way to the node is lost, what is on its way to Redis perhaps; the node hears
    /// of it some time later.
    func cut(_ connection: Int, notice: Int64) {
        guard connection >= 0, !self.connections[connection].isClosing else { return }
        self.connections[connection].isClosing = true
        self.connections[connection].isSubscribed = false
        self.connections[connection].losesToNode = true
        self.connections[connection].losesToServer = self.random.oneIn(2)
        self.queueClosed(connection, after: notice)
    }

    /// The node closes a connection itself.
    func drop(_ driver: NodeDriver, _ link: Link) {
        self.cut(self.nodes[driver.index].links[link.rawValue], notice: 1)
    }

    /// The server is gone. A process that dies closes its connections: what it had sent still arrives. When its
    /// machine dies, nobody is told: nodes find out by and by, on the surviving server's side at once.
    func closeAllConnections(inSilence: Bool) {
        for connection in self.connections.indices where !self.connections[connection].isClosing {
            if inSilence, self.now >= self.nodes[self.connections[connection].node].protectedUntil {
                self.cut(connection, notice: self.random.within(1...(self.lease * 1500)))
                self.connections[connection].losesToServer = true
                continue
            }
            self.connections[connection].isClosing = true
            self.connections[connection].isSubscribed = false
            self.connections[connection].losesToServer = true
            let last = max(self.connections[connection].toNodeFrom - self.now, 0)
            self.queueClosed(connection, after: last + self.random.within(10...2000))
        }
    }

    private func queueClosed(_ connection: Int, after delay: Int64) {
        self.add(.toNode(connection: connection, .closed), after: delay)
    }

    // MARK: At the server

    func arriveAtServer(_ connection: Int, _ command: Command) {
        let from = self.connections[connection]
        guard self.redis.isUp, from.serverIdentity == self.redis.identity, !from.losesToServer else { return }
        if let trace { trace("\(self.now) redis < node \(from.node) \(command)") }
        if case .subscribe = command {
            self.connections[connection].isSubscribed = !from.isClosing
            return self.send(.subscribed, over: connection)
        }
        self.send(.reply(self.execute(command, of: from)), over: connection)
    }

    private func publish(_ message: RevocationMessage, to only: NodeID? = nil) {
        for connection in self.connections.indices where self.connections[connection].isSubscribed {
            if let only, self.nodes[self.connections[connection].node].driver.id != only { continue }
            self.send(.message(message), over: connection)
        }
    }

    private func execute(_ command: Command, of sender: Connection) -> Reply {
        let node = sender.node
        let time = self.redis.clock(at: self.now)
        switch command {
        case .hello: return .hello(identity: self.redis.identity, time: Timestamp(milliseconds: time))
        case .read(let session, let withEpoch):
            let record = self.redis.live(session, at: time)?.record
            if let record {
                let expiry = SimRedis.expiry(record.session, from: time)
                self.redis.state.sessions[session]?.expiry = expiry
                self.history.readAtServer(session, at: self.now)
            }
            return .record(record, epoch: withEpoch ? self.redis.state.epoch : nil)
        case .touch(let touches):
            var gone: [Int] = []
            for touch in touches {
                if let stored = self.redis.live(touch.session, at: time) {
                    self.redis.state.sessions[touch.session]?.expiry = max(
                        stored.expiry,
                        touch.expiry.milliseconds
                    )
                } else {
                    gone.append(touch.session)
                    // Too late because Redis was out of reach, not because nobody cared.
                    let openedAt = self.redis.clock(at: sender.openedAt)
                    if time - touch.since.milliseconds > 250 || touch.since.milliseconds < openedAt {
                        self.history.sessions[touch.session].isTouchLost = true
                    }
                }
            }
            return .touched(gone: gone)
        case .revoke(let target, let origin): return self.revoke(target, origin, at: time)
        case .nodes:
            return .nodes(
                self.redis.state.nodes.filter { $0.until >= time }.map {
                    // Both times are rounded down to a millisecond.
                    .init(node: $0.node, remaining: .milliseconds($0.until - time + 1))
                }
            )
        case .others:
            let id = self.nodes[node].driver.id
            return .others(self.redis.state.nodes.contains { $0.node != id })
        case .rotate(let session, let token, let origin):
            let outcome = self.redis.rotate(
                session,
                from: token,
                cast: self.cast,
                grace: self.grace,
                at: time
            )
            if outcome.isNew {
                self.history.rotated(session, from: token, graceUntil: self.now + self.grace * 1000)
            }
            if outcome.isRotated { self.publish(.changed(origin, [self.cast.ids[session]])) }
            return .rotated(outcome.isRotated)
        case .create(let session):
            // Ids are drawn at random: one that came too late for its client does not overwrite another.
            if self.history.sessions[session].createdAt == nil {
                self.redis.create(session, cast: self.cast, at: time)
                self.history.created(session, at: self.now)
            }
            return .created
        case .heartbeat(let sequence):
            let id = self.nodes[node].driver.id
            self.redis.register(id, lease: self.lease, at: time)
            self.publish(.ping(sequence: sequence, epoch: self.redis.state.epoch), to: id)
            return .time(Timestamp(milliseconds: time))
        case .acknowledge(let origin, let number):
            self.publish(.acknowledged(node: self.nodes[node].driver.id, number: number), to: origin)
            return .done
        case .replay(let ids, let epoch):
            for id in ids { self.redis.state.sessions[Cast.index(id)] = nil }
            if !ids.isEmpty { self.publish(.ended(nil, ids)) }
            if epoch > self.redis.state.epoch {
                self.redis.state.epoch = epoch
                self.publish(.everyone(nil, epoch: epoch))
            }
            return .done
        case .store(let session, let record, let expiry):
            self.redis.state.sessions[session] = SimRedis.Stored(record: record, expiry: expiry.milliseconds)
            return .done
        case .subscribe: return .done
        }
    }

    private func revoke(_ target: Target, _ origin: RevocationMessage.Origin?, at time: Int64) -> Reply {
        self.history.ending(target)
        switch target {
        case .session(let session):
            self.redis.state.sessions[session] = nil
            self.publish(.ended(origin, [self.cast.ids[session]]))
            return .ended([self.cast.ids[session]], epoch: nil)
        case .user(let user):
            let ended = (0..<Cast.sessions).filter {
                Cast.user(of: $0) == user && self.redis.live($0, at: time) != nil
            }
            for session in ended { self.redis.state.sessions[session] = nil }
            let ids = ended.map { self.cast.ids[$0] }
            self.publish(.ended(origin, ids))
            return .ended(ids, epoch: nil)
        case .everyone:
            self.redis.state.epoch += 1
            self.publish(.everyone(origin, epoch: self.redis.state.epoch))
            return .ended([], epoch: self.redis.state.epoch)
        }
    }
}
