import Logging
public import SessionCore
import SessionStore
import Synchronization

extension SessionGateway {
    /// Ends one session. Returns after every node refuses it, also when it was gone before: a caller that
    /// repeats a call whose answer was lost can rely on the receipt.
    ///
    /// - Parameters:
    ///   - user: only if the session is this user's.
    /// - Returns: the receipt; `ended` is 0 when there was no such session.
    /// - Throws: ``GatewayError/Code/notFound`` when it is another user's, ``GatewayError/Code/unavailable``,
    ///   ``GatewayError/Code/unconfirmed``.
    public func end(
        _ id: SessionID,
        _ ending: Ending,
        onlyOf user: UserID? = nil
    ) async throws(GatewayError) -> RevocationReceipt {
        try await self.end(id, ending, of: user.map { .user($0) })
    }

    /// Ends one session if it is of an organization, which is judged at the moment when it ends.
    ///
    /// - Parameter organization: compared as bytes.
    /// - Returns: the receipt; `ended` is 0 when a session of the organization was gone before.
    /// - Throws: ``GatewayError/Code/notFound`` when it is of another one or of none, or nothing is known of it;
    ///   ``GatewayError/Code/unavailable``, ``GatewayError/Code/unconfirmed``.
    public func end(
        _ id: SessionID,
        _ ending: Ending,
        onlyIn organization: String
    ) async throws(GatewayError) -> RevocationReceipt {
        try await self.end(id, ending, of: .organization(organization))
    }

    private func end(
        _ id: SessionID,
        _ ending: Ending,
        of owner: SessionOwner?
    ) async throws(GatewayError) -> RevocationReceipt {
        let (found, outcome) = try await self.broadcast { origin async throws(StoreError) in
            try await self.store.end(id, ending, of: owner, origin: origin)
        } apply: {
            guard $0 != .foreign else { return false }
            self.coherence.ended([id])
            return true
        }
        guard found != .foreign, let outcome else { throw .notFound }
        return self.receipt(ended: found == .ended ? 1 : 0, outcome)
    }

    /// Ends all sessions of a user, or all but one.
    /// - Throws: ``GatewayError/Code/unavailable``, ``GatewayError/Code/unconfirmed``.
    public func endAll(
        of user: UserID,
        except kept: SessionID? = nil,
        _ ending: Ending
    ) async throws(GatewayError) -> RevocationReceipt {
        let (ended, outcome) = try await self.broadcast { origin async throws(StoreError) in
            try await self.store.endAll(of: user, except: kept, ending, origin: origin)
        } apply: {
            self.coherence.ended($0)
            return true
        }
        guard let outcome else { throw .unconfirmed("No receipt") }
        return self.receipt(ended: ended.count, outcome)
    }

    /// Ends all active sessions that match, in steps, and gives one receipt for all. A session that is created while
    /// it runs may or may not be ended.
    /// - Parameter tell: is told now and then how many have been ended so far; no node need have applied it yet.
    /// - Throws: ``GatewayError/Code/interrupted`` when it breaks off half way: what was ended stays ended.
    ///   ``GatewayError/Code/unavailable``, ``GatewayError/Code/unconfirmed`` when nothing is known to have ended.
    public func endAll(
        matching filter: SessionFilter,
        _ ending: Ending,
        progress tell: (Int) -> Void = { _ in }
    ) async throws(GatewayError) -> RevocationReceipt {
        let (progress, outcome) = try await self.broadcast { origin async throws(StoreError) in
            await self.store.endAll(
                matching: filter,
                ending,
                epoch: self.clock.epoch,
                origin: origin,
                note: { ids, ended in
                    self.coherence.ended(ids)
                    tell(ended)
                }
            )
        } apply: {
            $0.failure == nil
        }
        if let failure = progress.failure {
            self.counters.ended.add(UInt64(progress.ended), ordering: .relaxed)
            throw progress.ended == 0 ? GatewayError(failure) : .interrupted(ended: progress.ended)
        }
        guard let outcome else { throw .unconfirmed("No receipt") }
        return self.receipt(ended: progress.ended, outcome)
    }

    /// Ends every session of every user: one number is raised, and every node refuses what is older. The records
    /// are deleted afterwards, in the background.
    /// - Returns: the receipt; `ended` is the number of sessions there were.
    /// - Throws: ``GatewayError/Code/unavailable``, ``GatewayError/Code/unconfirmed``.
    public func endEveryone(_ ending: Ending) async throws(GatewayError) -> RevocationReceipt {
        let count: Int
        do throws(StoreError) { count = try await self.store.count() } catch { throw GatewayError(error) }
        let (_, outcome) = try await self.broadcast { origin async throws(StoreError) in
            try await self.store.bumpEpoch(ending, origin: origin)
        } apply: {
            self.coherence.learned(epoch: $0)
            return true
        }
        self.background.add { await self.deleteEarlierEpochs() }
        guard let outcome else { throw .unconfirmed("No receipt") }
        return self.receipt(ended: count, outcome)
    }

    /// Deletes the sessions that ended with everyone's, if that is still to be done. One at a time does it; what a node
    /// leaves undone that stops half way, the next one finds.
    func deleteEarlierEpochs() async {
        // Not the node: its janitor need not do again what its own call for everyone's end is doing.
        let owner = NodeID()
        do throws(StoreError) {
            guard let (epoch, ending) = try await self.store.pendingSweep(),
                try await self.store.holdLease(Self.sweeping, by: owner, for: .seconds(60))
            else { return }
            // In a task of its own: this one may be cancelled, and the others would wait for the lease's end.
            defer { Task { [store] in try? await store.releaseLease(Self.sweeping, by: owner) } }
            let count = try await self.store.sweep(before: epoch, ending)
            try await self.store.finishSweep(before: epoch)
            self.logger.notice("Deleted the sessions of earlier epochs", metadata: ["sessions": "\(count)"])
        } catch {
            // They are refused all the same, and the next janitor's round goes on.
            self.logger.info(
                "Could not delete all sessions of earlier epochs yet",
                metadata: ["reason": "\(error)"]
            )
        }
    }

    private static let sweeping = "sweep"

    private func receipt(ended: Int, _ outcome: RevocationBroadcaster.Outcome) -> RevocationReceipt {
        self.counters.ended.add(UInt64(ended), ordering: .relaxed)
        return RevocationReceipt(ended: ended, outcome)
    }
}
