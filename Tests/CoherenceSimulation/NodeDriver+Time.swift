import SessionCore

/// What happens by the clock: heartbeats, touches, deadlines.
extension NodeDriver {
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

    func sendTouches() {
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

    func giveUpLateCommands(at now: MonotonicInstant) {
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
    func turnIsOver() { self.wasLeased = Lease.isAlive(until: self.leaseExpiry, at: self.now) }
}
