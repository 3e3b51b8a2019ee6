import SessionCore

/// What a check goes through, and the reads that checks wait for.
extension NodeDriver {
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
        let isLeased =
            self.bug == .leaseExaminedBeforeRead
            ? self.wasLeased : Lease.isAlive(until: self.leaseExpiry, at: now)
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

    func ask(_ check: Int, isLeased: Bool, at now: MonotonicInstant) {
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

    func completed(_ read: Read, record: SessionRecord?, epoch: UInt64?) {
        self.forget(read)
        let id = self.world.cast.ids[read.session]
        if let epoch { self.carryOut(self.machine.learned(epoch: epoch)) }
        guard let record, let time = self.clock.time(at: self.now) else {
            if record == nil { self.carryOut(self.machine.ended([id], at: self.now)) }
            return self.refuse(read)
        }
        let epoch = self.bug == .epochNotComparedOnFill ? 0 : self.machine.epoch
        guard record.session.state(at: time, epoch: epoch) == .active else { return self.refuse(read) }
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

    func keep(_ read: Read, _ record: SessionRecord) {
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

    func refuse(_ read: Read) {
        if let ticket = read.ticket { self.cache.cancelFill(ticket) }
        for check in read.checks { self.world.refuse(check) }
    }

    func forget(_ read: Read) {
        let key = read.session * Cast.tokens + read.token
        if self.reads[key] === read { self.reads[key] = nil }
    }

    func cacheDigest(_ session: Int, _ token: Int) -> Digest256 {
        self.world.cast.digest(
            session,
            self.bug == .digestNotCompared ? self.world.lastDigest[self.index][session] : token
        )
    }
}
