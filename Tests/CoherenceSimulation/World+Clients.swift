import SessionCore

/// Clients: checks all the time, revocations, rotations and logins now and then, and checks right after an
/// acknowledgement, when a stale copy would show.
extension World {
    func begin() {
        let time = self.redis.clock(at: 0)
        for session in 0..<10 {
            self.redis.create(session, cast: self.cast, at: time)
            self.history.created(session, at: 0)
            self.history.sessions[session].isKnown = true
        }
        for node in self.nodes.indices { self.start(node) }
        // A calm beginning, so that every world has copies to revoke.
        for node in self.nodes.indices {
            for delay in [Int64(590_000), 610_000, 630_000, 650_000] {
                self.add(.client(.check(session: node, token: 0, node: node)), after: delay)
            }
        }
        self.add(.client(.nextCheck), after: 500_000)
        self.add(.client(.nextRevocation), after: 660_000 + self.random.within(0...300_000))
        self.add(.client(.nextCreation), after: self.random.within(700_000...1_200_000))
        if self.hasFaults { self.add(.fault, after: self.random.within(700_000...1_200_000)) }
        for session in stride(from: 3, to: 10, by: 4) {
            self.add(.client(.sparseCheck(session)), after: 550_000)
        }
        let calm = self.end + 1_300_000 + self.lease * 3000
        for round in 0..<3 { self.add(.finalChecks(round: round), after: calm + Int64(round) * 100_000) }
    }

    func start(_ node: Int) {
        let driver = self.nodes[node].driver
        self.add(
            .connect(node: node, incarnation: driver.incarnation, .command),
            after: self.random.within(0...9000)
        )
        self.add(
            .connect(node: node, incarnation: driver.incarnation, .subscription),
            after: self.random.within(0...9000)
        )
        self.wake(driver, after: self.random.within(10_000...(10_000 + self.lease * 250)), .beat)
    }

    func act(_ event: ClientEvent) {
        switch event {
        case .check(let session, let token, let node): self.check(session, token: token, node: node)
        case .revoke(let target):
            self.order(.revoke(target), node: self.random.below(self.nodes.count), after: 0)
        case .nextCheck:
            guard self.now < self.end else { return }
            let session = self.someSession()
            let token = self.history.sessions[session].token
            let isOld = token > 0 && self.random.oneIn(12)
            self.check(session, token: isOld ? token - 1 : token, node: self.random.below(self.nodes.count))
            self.add(.client(.nextCheck), after: self.random.within(4000...40_000))
        case .sparseCheck(let session):
            // A client that comes rarely, and always to the same node: only that node's touches keep it alive, and
            // a single one that is lost shows.
            guard self.now < self.end else { return }
            let token = self.history.sessions[session].token
            self.check(session, token: token, node: session % self.nodes.count)
            self.add(.client(.sparseCheck(session)), after: self.random.within(480_000...540_000))
        case .nextRevocation:
            guard self.now < self.end else { return }
            self.nextRevocation()
            self.add(.client(.nextRevocation), after: self.random.within(150_000...500_000))
        case .nextCreation:
            guard self.now < self.end else { return }
            if let session = self.history.sessions.indices.first(where: {
                self.history.sessions[$0].createdAt == nil
            }),
                !self.operations.contains(where: { $0.isCreation(of: session) && !$0.isFinished })
            {
                self.order(.create(session: session), node: self.random.below(self.nodes.count), after: 0)
            }
            self.add(.client(.nextCreation), after: self.random.within(100_000...400_000))
        }
    }

    /// Mostly one that is good, at times one that is over.
    private func someSession() -> Int {
        for _ in 0..<3 {
            let session = self.random.below(Cast.sessions)
            let known = self.history.sessions[session]
            if session % 4 == 3, session < 10, !self.random.oneIn(8) { continue }
            if known.isKnown, !known.endBegun { return session }
        }
        return self.random.below(10)
    }

    func check(
        _ session: Int,
        token: Int,
        node: Int,
        mustBeServed: Bool = false,
        mustHit: Bool = false
    ) {
        guard self.history.sessions[session].isKnown else { return }
        self.history.counts.checks += 1
        if self.history.sessions[session].endedAt != nil { self.history.counts.checksOfEnded += 1 }
        var check = Check(session: session, token: token, node: node, begunAt: self.now)
        check.mustBeServed = mustBeServed
        check.mustHit = mustHit
        self.checks.append(check)
        self.add(.checkArrives(self.checks.count - 1), after: self.random.within(1...200))
    }

    private func nextRevocation() {
        let session = self.someSession()
        guard self.history.sessions[session].isKnown else { return }
        self.warm(session)
        let delay = self.random.within(0...30_000)
        let kind = self.random.below(100)
        if kind < 60 {
            self.add(.client(.revoke(.session(session))), after: delay)
        } else if kind < 68 {
            self.add(.client(.revoke(.user(Cast.user(of: session)))), after: delay)
        } else if kind < 72 {
            self.add(.client(.revoke(.everyone)), after: delay)
        } else {
            let known = self.history.sessions[session]
            // A second rotation within the grace of the first is not asked for.
            guard known.token == known.newestToken, known.token + 1 < Cast.tokens, self.now > known.graceUntil
            else {
                return
            }
            let operation = Operation.Kind.rotate(session: session, from: known.token)
            self.order(operation, node: self.random.below(self.nodes.count), after: delay)
        }
    }

    /// Checks on some nodes around the time of a revocation.
    func warm(_ session: Int) {
        let token = self.history.sessions[session].token
        for _ in 0..<4 {
            let check = ClientEvent.check(
                session: session,
                token: token,
                node: self.random.below(self.nodes.count)
            )
            self.add(.client(check), after: self.random.within(0...30_000))
        }
    }

    func order(_ kind: Operation.Kind, node: Int, after delay: Int64) {
        var covers: [Int] = []
        if case .revoke(let target) = kind {
            covers = self.history.sessions.indices.filter { session in
                guard self.history.sessions[session].isKnown else { return false }
                switch target {
                case .session(let one): return one == session
                case .user(let user): return Cast.user(of: session) == user
                case .everyone: return true
                }
            }
            self.history.ending(target)
            if self.isFaultUnderWay { self.history.counts.revocationsDuringFaults += 1 }
        }
        self.operations.append(
            Operation(
                kind: kind,
                node: node,
                incarnation: self.nodes[node].driver.incarnation,
                begunAt: self.now,
                covers: covers
            )
        )
        self.add(.operationArrives(self.operations.count - 1), after: delay + self.random.within(1...200))
    }

    /// Checks of what has just been ended, on every node: at once, and again later.
    func checkLater(_ sessions: some Collection<Int>) {
        for session in sessions {
            let token = self.history.sessions[session].token
            for node in self.nodes.indices {
                self.add(
                    .client(.check(session: session, token: token, node: node)),
                    after: self.random.within(1...3000)
                )
            }
            let later = ClientEvent.check(
                session: session,
                token: token,
                node: self.random.below(self.nodes.count)
            )
            self.add(.client(later), after: self.random.within(3000...1_200_000))
        }
    }

    func checkOldTokenLater(_ session: Int, _ token: Int) {
        let node = self.random.below(self.nodes.count)
        // Within the grace it is honored; a copy made then must not outlive it.
        for delay in [self.grace * 300, self.grace * 300 + 30_000, self.grace * 1000 + 700_000] {
            let check = ClientEvent.check(session: session, token: token, node: node)
            self.add(.client(check), after: delay + self.random.within(1...100_000))
        }
    }

    /// Everything has been well for a while: every node serves, and the second time from its near-cache.
    func finalChecks(round: Int) {
        if round == 2 { return self.finalVerdict() }
        let lasting = self.history.sessions.indices.filter { session in
            let known = self.history.sessions[session]
            let lifetime = Lifetime(session: session)
            return known.isWarm && !known.endBegun && !known.isLost && known.token == known.newestToken
                && lifetime.idle == .seconds(60) && lifetime.absolute == 600_000
        }
        for node in self.nodes.indices {
            for session in self.history.sessions.indices {
                let known = self.history.sessions[session]
                if known.endBegun, !self.random.oneIn(5) { continue }
                self.check(session, token: known.token, node: node, mustBeServed: true)
                if round == 0 { self.history.sessions[session].isWarm = known.isKnown }
            }
            // In a full near-cache they may have pushed each other out.
            guard round == 1, !self.nodes[node].driver.hasBeenFull else { continue }
            for session in lasting {
                self.check(session, token: self.history.sessions[session].token, node: node, mustHit: true)
            }
        }
    }

    private func finalVerdict() {
        for node in self.nodes where node.driver.broadcaster.count > 0 {
            self.history.fail("node \(node.driver.index) still waits for a broadcast", at: self.now)
        }
        if let check = self.checks.indices.first(where: {
            self.checks[$0].mustBeServed && !self.checks[$0].isAnswered
        }) {
            self.history.fail("check \(check) was never answered", at: self.now)
        }
        self.stop()
    }
}

extension Operation {
    func isCreation(of session: Int) -> Bool {
        if case .create(let created) = self.kind { created == session } else { false }
    }
}
