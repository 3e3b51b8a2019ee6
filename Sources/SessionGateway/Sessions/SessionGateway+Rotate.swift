import Logging
import SessionCore
import SessionStore
import Synchronization

extension SessionGateway {
    /// Gives a session its next token.
    ///
    /// One caller wins; whoever asks again with the old token within the grace, on whatever node, gets the same
    /// successor, because it is derived and not drawn. After the grace the old token ends the session.
    ///
    /// - Parameters:
    ///   - text: the token.
    ///   - actor: who asks for it, and `from` what address; for the audit log.
    ///   - isSpaced: leaves a token as it is that was given out less than the grace ago, so that nobody who asks again
    ///     and again fills the audit log. An application that has to rotate, after a login say, does not set it.
    /// - Throws: ``GatewayError/Code/refused``, ``GatewayError/Code/unavailable``,
    ///   ``GatewayError/Code/unconfirmed``.
    public func rotate(
        _ text: String,
        by actor: String? = nil,
        from: String? = nil,
        isSpaced: Bool = false
    ) async throws(GatewayError) -> RotatedSession {
        guard let token = Token(text) else { throw self.refusal(.malformed) }
        guard self.configuration.tokenKeys.verifies(token),
            let successor = self.configuration.tokenKeys.successor(of: token)
        else { throw self.refusal(.forged) }
        let id = token.sessionID
        let grace = try await self.settledPolicy().common.rotationGrace
        try await self.learnEpochWithoutLease()
        let (rotated, _) = try await self.broadcast { origin async throws(StoreError) in
            try await self.store.rotate(
                id,
                presented: token.verifier.digest,
                successor: successor.digest,
                grace: grace,
                by: actor,
                from: from,
                epoch: self.clock.epoch,
                isSpaced: isSpaced,
                origin: origin
            )
        } apply: {
            switch $0 {
            case .rotated:
                self.coherence.changed([id])
                // A copy of the old token on a silent node dies with its lease; only a grace shorter than that
                // has to be waited for.
                return grace < self.configuration.lease.length
            case .reused:
                self.coherence.ended([id])
                return true
            case .again, .recent, .gone: return false
            }
        }
        switch rotated {
        case .rotated(let session), .again(let session):
            self.counters.rotated.add(1, ordering: .relaxed)
            let next = self.configuration.tokenKeys.token(
                id: id,
                verifier: successor,
                idleTimeout: session.idleTimeout,
                absoluteExpiry: session.absoluteDeadline,
                remember: session.isRemembered
            )
            if case .again = rotated { return RotatedSession(session: session, token: next, isRepeat: true) }
            return RotatedSession(session: session, token: next, isRepeat: false)
        case .recent(let session):
            return RotatedSession(session: session, token: token, isRepeat: false, isRotated: false)
        case .reused: throw self.refusal(.reused)
        case .gone: throw self.refusal(.ended)
        }
    }

    /// Whether a token is to be replaced, by the policy's rotation interval. Leaves the idle timeout alone.
    ///
    /// A token that has been rotated out and is within its grace is due in any case: whoever still has it has not got
    /// its successor, and is to ask for it again.
    ///
    /// - Throws: ``GatewayError/Code/refused`` when the token is none of ours or its session gone,
    ///   ``GatewayError/Code/unavailable``.
    public func rotationState(of text: String) async throws(GatewayError) -> RotationState {
        guard let token = Token(text) else { throw self.refusal(.malformed) }
        guard self.configuration.tokenKeys.verifies(token) else { throw self.refusal(.forged) }
        try await self.learnEpochWithoutLease()
        let found = try await self.reading { store async throws(StoreError) in
            try await store.record(of: token.sessionID)
        }
        guard let record = found, !record.session.hasEnded(by: self.clock.epoch) else {
            throw self.refusal(.ended)
        }
        let policy = self.configuration.policy
        guard record.verifierDigest == token.verifier.digest else { return .due }
        guard policy.rotationInterval > .zero else { return .off }
        // A rotation notes when its grace is over; before the first one the token is as old as the session.
        let issued =
            record.previousDigest == nil
            ? record.session.createdAt : record.graceDeadline - policy.rotationGrace
        guard let now = self.now else { throw .unavailable("Redis cannot be reached") }
        let due = issued + policy.rotationInterval
        return due <= now ? .due : .fresh(until: due)
    }

    /// A check saw a token that had been rotated out for good: whoever holds it, the session is no longer safe.
    func endReused(_ token: Token) async {
        let id = token.sessionID
        do throws(GatewayError) {
            let (didEnd, _) = try await self.broadcast { origin async throws(StoreError) in
                try await self.store.endReused(id, presented: token.verifier.digest, origin: origin)
            } apply: {
                if $0 { self.coherence.ended([id]) }
                return $0
            }
            guard didEnd else { return }
            self.counters.ended.add(1, ordering: .relaxed)
            self.logger.warning(
                "A rotated token was used again; its session has ended",
                metadata: ["session": "\(id)"]
            )
        } catch {
            self.logger.warning(
                "A session with a reused token could not be ended",
                metadata: ["session": "\(id)"]
            )
        }
    }

    func refusal(_ refusal: Refusal) -> GatewayError {
        self.refusals.count(refusal)
        return .refused(refusal)
    }
}
