package import SessionCore
import SessionStore

extension SessionGateway {
    /// Says whether a session is alive, to a caller that has another proof than the session's token, such as a JWT of
    /// ours. Counts as activity. Always asks Redis, with one read (and one of the epoch while this node has no
    /// lease), except for a session that is known to have ended.
    package func check(session id: SessionID) async -> CheckResult {
        if self.cache.isEnded(id) { return self.refuse(.ended) }
        do throws(StoreError) {
            if !self.coherence.isLeased {
                self.coherence.learned(epoch: try await self.store.timeAndEpoch().epoch)
            }
            guard let record = try await self.store.record(of: id) else {
                self.cache.end([id])
                return self.refuse(.ended)
            }
            let session = record.session
            guard let now = self.now else { return .unavailable }
            switch session.state(at: now, epoch: self.clock.epoch) {
            case .active:
                self.touches.add(id, session, at: now)
                return .active(CachedSession(session: session, answer: []))
            case .endedWithEveryone: return self.refuse(.ended)
            case .expired: return self.refuse(.expired)
            }
        } catch {
            return .unavailable
        }
    }

    /// Refuses a token of another form than the gateway's own, and counts that with the others.
    package func refuse(_ refusal: Refusal) -> CheckResult {
        self.refusals.count(refusal)
        return .refused(refusal)
    }
}
