package import SessionCore

/// How far ending many came.
package struct EndedMatching: Sendable {
    /// Live sessions that were ended; when it broke off, at least so many.
    package var ended = 0
    /// Why it broke off.
    package var failure: StoreError?
}

extension RedisSessionStore {
    /// Ends all active sessions that match, newest first, a thousand at a time. A session that is created meanwhile
    /// may or may not be ended. One that goes to another organization than the filter's meanwhile is left alone.
    /// - Parameter note: is told, after a step, what it has ended, and how many have been ended so far.
    /// - Returns: how many; also when it broke off.
    package func endAll(
        matching filter: SessionFilter,
        _ ending: Ending,
        epoch: UInt64,
        origin: RevocationMessage.Origin?,
        note: ([SessionID], Int) -> Void
    ) async -> Published<EndedMatching> {
        var filter = filter
        filter.statuses = [.active]
        var progress = EndedMatching()
        let owner = filter.organization.map { SessionOwner.organization($0) }
        do throws(StoreError) {
            var walk = SessionWalk(self, filter, epoch: epoch, expected: 1000)
            while let step = try await walk.step(1000) {
                let ids = step.matches.map(\.overview.session.id)
                let found = try await self.end(ids, ending, of: owner, origin: nil).value
                progress.ended += found.values.count { $0 == .ended }
                note(ids.filter { found[$0] != .foreign }, progress.ended)
            }
            // The last message, and the only one with the origin: its acknowledgement stands for all before it.
            let (_, nodes) = try await self.publishing([self.calls.barrier(origin: origin)])
            return Published(progress, nodes: nodes)
        } catch {
            progress.failure = error
            return Published(progress, nodes: [])
        }
    }
}
