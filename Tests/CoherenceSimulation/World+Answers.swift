import SessionCore

/// Answers, judged against the promises of the product.
extension World {
    /// What a clock estimate may be off, and what a failover may step the server's clock, in microseconds.
    private var clockSlack: Int64 { 350_000 }

    func accept(_ index: Int, _ session: LiveSession, isHit: Bool) {
        guard self.close(index) else { return }
        let check = self.checks[index]
        self.history.counts.accepted += 1
        if isHit { self.history.counts.hits += 1 }
        if let trace { trace("\(self.now) node \(check.node) accepts \(check) hit \(isHit)") }
        if check.mustHit, !isHit {
            self.history.fail("node \(check.node) does not answer from its near-cache", at: self.now)
        }
        let known = self.history.sessions[check.session]
        if Cast.index(session.id) != check.session {
            self.history.fail("check \(index) was answered with another session", at: self.now)
        }
        if let endedAt = known.endedAt, endedAt < check.begunAt, !known.isExempt {
            self.history.fail(
                "session \(check.session) accepted by node \(check.node), check begun \(check.begunAt),"
                    + " revocation acknowledged \(endedAt)",
                at: self.now
            )
        }
        if check.token < known.newestToken, known.oldRefusedFrom != .max, !known.isLost,
            check.begunAt > known.oldRefusedFrom + self.clockSlack
        {
            self.history.fail("rotated-out token of session \(check.session) accepted", at: self.now)
        }
        let lifetime = Lifetime(session: check.session)
        // Absolute expiry + 1 s; idle timeout + precision (1 s), and what the clocks may differ by.
        if let createdAt = known.createdAt, check.begunAt > createdAt + (lifetime.absolute + 1000) * 1000 {
            self.history.fail("session \(check.session) accepted past its absolute deadline", at: self.now)
        }
        if check.begunAt > known.activity + lifetime.idle.inMilliseconds * 1000 + 1_000_000 + self.clockSlack
        {
            self.history.fail("session \(check.session) accepted past its idle deadline", at: self.now)
        }
        self.history.sessions[check.session].activity = max(known.activity, self.now)
        self.history.sessions[check.session].accepted = self.now
        if !isHit, self.bug == .touchThatCreates { self.remember(session) }
    }

    func refuse(_ index: Int) {
        guard self.close(index) else { return }
        let check = self.checks[index]
        self.history.counts.refused += 1
        if let trace { trace("\(self.now) node \(check.node) refuses \(check)") }
        guard !self.mayBeRefused(check) else { return }
        self.history.fail("live session \(check.session) refused by node \(check.node)", at: self.now)
    }

    func unavailable(_ index: Int) {
        guard self.close(index) else { return }
        self.history.counts.unavailable += 1
        if self.checks[index].mustBeServed {
            self.history.fail("node \(self.checks[index].node) has not recovered", at: self.now)
        }
    }

    private func close(_ index: Int) -> Bool {
        guard !self.checks[index].isAnswered else {
            self.history.fail("check \(index) was answered twice", at: self.now)
            return false
        }
        self.checks[index].isAnswered = true
        return true
    }

    private func mayBeRefused(_ check: Check) -> Bool {
        let known = self.history.sessions[check.session]
        if known.endBegun || known.isLost || self.history.isEpochUncertain { return true }
        guard let createdAt = known.createdAt else { return true }
        let lifetime = Lifetime(session: check.session)
        if self.now + self.clockSlack >= createdAt + lifetime.absolute * 1000 { return true }
        if check.token < known.newestToken {
            return check.token < known.newestToken - 1 || self.now + self.clockSlack >= known.graceUntil
        }
        let idleDeadline = known.accepted + lifetime.idle.inMilliseconds * 1000
        if self.now + self.clockSlack >= idleDeadline || known.isTouchLost { return true }
        // A touch that has not reached Redis in time, because Redis was not there.
        return self.nodes.contains { node in
            node.driver.unconfirmedTouches.contains { $0.session == check.session }
        }
    }

    func finish(_ index: Int, isDone: Bool) {
        guard !self.operations[index].isFinished else { return }
        self.operations[index].isFinished = true
        let operation = self.operations[index]
        if let trace { trace("\(self.now) operation \(index) \(operation.kind) done \(isDone)") }
        switch operation.kind {
        case .revoke:
            guard isDone else { return self.history.counts.revocationsFailed += 1 }
            self.operations[index].acknowledgedAt = self.now
            self.history.counts.revocationsAcknowledged += 1
            for session in operation.covers where self.history.sessions[session].endedAt == nil {
                self.history.sessions[session].endedAt = self.now
            }
            self.checkLater(operation.covers.shuffled(&self.random).prefix(2))
        case .rotate(let session, let token):
            guard isDone, self.history.sessions[session].newestToken == token + 1 else { return }
            self.history.counts.rotations += 1
            self.history.sessions[session].token = token + 1
            self.history.sessions[session].oldRefusedFrom = max(
                self.now,
                self.history.sessions[session].graceUntil
            )
            self.checkOldTokenLater(session, token)
        case .create(let session): self.history.sessions[session].isKnown = isDone
        }
    }

    /// A rotated-out token was used after its grace: the session ends.
    func reuseDetected(_ session: Int, token: Int, by driver: NodeDriver) {
        let known = self.history.sessions[session]
        let isOld = token < known.newestToken
        if !known.endBegun, !known.isLost, !self.history.isEpochUncertain, !isOld {
            self.history.fail("present token of session \(session) taken for a rotated-out one", at: self.now)
        }
        self.history.sessions[session].endBegun = true
        self.order(.revoke(.session(session)), node: driver.index, after: 1)
    }

    // MARK: Planted bugs

    private func remember(_ session: LiveSession) {
        let index = Cast.index(session.id)
        if let record = self.redis.state.sessions[index]?.record { self.lastRecord[index] = record }
    }

    func storeBack(_ touch: Touch, by driver: NodeDriver) {
        guard let record = self.lastRecord[touch.session] else { return }
        driver.storeBack(touch.session, record, expiry: touch.expiry)
    }
}

extension Array {
    /// In an order that follows from the seed.
    func shuffled(_ random: inout SimulationRandom) -> [Element] {
        var result = self
        for place in stride(from: result.count - 1, to: 0, by: -1) {
            result.swapAt(place, random.below(place + 1))
        }
        return result
    }
}
