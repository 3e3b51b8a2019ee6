public import SessionCore
import SessionStore
import Synchronization

extension SessionGateway {
    /// Creates a session: a login has succeeded.
    ///
    /// The user's limit is kept atomically; which one it is, ``LimitOverrides`` say. When sessions had to go for it, the
    /// call returns after every node has applied that.
    ///
    /// - Parameters:
    ///   - wish: whose session, and what to keep with it.
    ///   - presented: a token that came along with the login; its session is ended, whoever planted it
    ///     (session fixation). What is no good token is ignored.
    ///   - actor: who asks for it; for the audit log.
    /// - Throws: ``GatewayError/Code/invalid``, ``GatewayError/Code/limitReached``,
    ///   ``GatewayError/Code/unavailable``, ``GatewayError/Code/unconfirmed``.
    public func create(
        _ wish: NewSession,
        presented: String? = nil,
        by actor: String? = nil
    ) async throws(GatewayError) -> CreatedSession {
        try await self.create(wish, replacing: presented.flatMap { self.genuineSession($0) }, by: actor)
    }

    /// The same for a caller who knows which session is to be ended with the login.
    package func create(
        _ wish: NewSession,
        replacing old: SessionID?,
        by actor: String? = nil
    ) async throws(GatewayError) -> CreatedSession {
        let new: NewSession
        do { new = try wish.normalized() } catch { throw .invalid(error) }
        let partition = Partition(of: new.user)
        var endedBefore: RevocationReceipt?
        if let old, old.partition != partition {
            // Its keys lie in another slot, so it takes a script of its own, first: a login that fails in between
            // leaves the user logged out, not the attacker logged in.
            let receipt = try await self.end(old, Ending(.replaced, from: new.details.ipAddress))
            if receipt.ended > 0 { endedBefore = receipt }
        }
        let present = try await self.settledPolicy().policy(for: new)
        let policy = new.preset?.applied(to: present) ?? present
        let timeouts = policy.timeouts(remember: new.remember)
        try await self.learnEpochWithoutLease()
        // Redis's clock may have been stepped since the last heartbeat, and an id may be taken: both are found by
        // the script, which then does nothing.
        for _ in 0..<4 {
            guard let now = self.clock.time(at: MonotonicClock.now()) else {
                throw .unavailable("Redis cannot be reached")
            }
            let id = SessionID(partition: partition, value: .random(in: .min ... .max))
            let verifier = Verifier()
            let deadline = Timestamp(milliseconds: (now + timeouts.absolute).milliseconds / 1000 * 1000)
            let token = self.configuration.tokenKeys.token(
                id: id,
                verifier: verifier,
                idleTimeout: timeouts.idle,
                absoluteExpiry: deadline,
                remember: new.remember
            )
            var request = new
            request.details.tokenSuffix = String(token.text.suffix(8))
            let order = CreateOrder(
                request: request,
                id: id,
                verifierDigest: verifier.digest,
                idleTimeout: timeouts.idle,
                absoluteDeadline: deadline,
                now: now,
                epoch: self.clock.epoch,
                limit: policy.maximumSessions,
                behavior: policy.limitBehaviour,
                replacing: old?.partition == partition ? old : nil,
                actor: actor
            )
            let (created, outcome) = try await self.broadcast {
                origin async throws(StoreError) in
                try await self.store.create(order, origin: origin)
            } apply: {
                guard case .created(_, let evicted, let replaced) = $0 else { return false }
                let gone = evicted + (replaced.map { [$0] } ?? [])
                self.coherence.ended(gone)
                return !gone.isEmpty
            }
            switch created {
            case .created(let session, let evicted, let replaced):
                self.counters.created.add(1, ordering: .relaxed)
                self.counters.evicted.add(UInt64(evicted.count), ordering: .relaxed)
                let gone = evicted.count + (replaced == nil ? 0 : 1)
                return CreatedSession(
                    session: session,
                    token: token,
                    evicted: evicted,
                    replaced: replaced ?? (endedBefore == nil ? nil : old),
                    receipt: outcome.map { RevocationReceipt(ended: gone, $0) } ?? endedBefore
                )
            case .limitReached(let count): throw .limitReached(count)
            case .clock(let time): self.coherence.correctClock(time)
            case .collision: continue
            }
        }
        throw .unavailable("Redis's clock and this node's do not agree")
    }
}
