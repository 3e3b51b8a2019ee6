package import SessionCore
import SessionStore

extension SessionGateway {
    /// Says whether a session is alive, to a caller that has another proof than the session's token, such as a JWT of
    /// ours. Counts as activity. Always asks Redis, with one read (and one of the epoch while this node has no
    /// lease), except for a session that is known to have ended.
    package func check(session id: SessionID) async -> CheckResult {
        if self.cache.isEnded(id) { return .refused(.ended) }
        do throws(StoreError) {
            if !self.keeper.isLeased {
                self.keeper.learned(epoch: try await self.store.timeAndEpoch().epoch)
            }
            guard let record = try await self.store.record(of: id) else {
                self.cache.end([id])
                return .refused(.ended)
            }
            let session = record.session
            guard session.epoch >= self.clock.epoch else { return .refused(.ended) }
            guard let now = self.now else { return .unavailable }
            guard now < session.absoluteDeadline else { return .refused(.expired) }
            self.touches.add(id, session, at: now)
            return .active(CachedSession(session: session, answer: []))
        } catch {
            return .unavailable
        }
    }
}
