public import SessionCore
import SessionStore

extension SessionGateway {
    /// One session with all that is known of it, active or ended; `nil` when there is no trace of it.
    public func session(_ id: SessionID) async throws(GatewayError) -> SessionOverview? {
        try await self.asking { store async throws(StoreError) in
            try await store.session(id, epoch: self.clock.epoch)
        }
    }

    /// A user's sessions, newest first.
    /// - Parameter includeEnded: also those that have ended within the retention time.
    public func sessions(
        of user: UserID,
        includeEnded: Bool = false
    ) async throws(GatewayError) -> [SessionOverview] {
        try await self.asking { store async throws(StoreError) in
            try await store.sessions(of: user, includeEnded: includeEnded, epoch: self.clock.epoch)
        }
    }

    /// A page of the sessions that match; see ``SessionListRequest``.
    /// - Throws: ``GatewayError/Code/invalid``, ``GatewayError/Code/unavailable``.
    public func list(_ request: SessionListRequest) async throws(GatewayError) -> SessionPage {
        do { try request.validate() } catch { throw .invalid(error) }
        return try await self.asking { store async throws(StoreError) in
            SessionPage(try await store.list(request.order, epoch: self.clock.epoch))
        }
    }

    /// How many active sessions match, for a preview of ``endAll(matching:_:progress:)``.
    /// - Returns: the count; it is partial when more than 100,000 sessions would have to be looked at.
    public func count(
        matching filter: SessionFilter
    ) async throws(GatewayError) -> (count: Int, isPartial: Bool) {
        try await self.asking { store async throws(StoreError) in
            try await store.count(matching: filter, scan: 100_000, epoch: self.clock.epoch)
        }
    }

    /// The gateway nodes that have been heard of lately, the asked one included.
    public func nodes() async throws(GatewayError) -> [NodeStatus] {
        try await self.asking { store async throws(StoreError) in
            try await store.nodes().map { entry in
                let information = NodeInformation.read(entry.information)
                return NodeStatus(
                    id: entry.node,
                    name: information?.name ?? "",
                    version: information?.version ?? "",
                    startedAt: information?.startedAt ?? Timestamp(milliseconds: 0),
                    leaseRemaining: max(entry.remaining, .zero),
                    isSelf: entry.node == self.node
                )
            }
        }
    }

    /// Files expired sessions as ended and forgets those past their retention, as the janitor does by itself now and
    /// then.
    /// - Parameter verifying: also compares every index with the live records and mends what does not agree: that reads
    ///   every session, in small steps.
    public func cleanup(verifying: Bool = true) async throws(GatewayError) -> CleanupReport {
        try await self.reading { store async throws(StoreError) in
            let swept = try await store.sweepDue()
            var report = CleanupReport()
            report.expired = swept.expired
            report.forgotten = swept.forgotten
            guard verifying else { return report }
            let repaired = try await store.repairIndexes()
            report.expired += repaired.expired
            report.repaired = repaired.repaired
            return report
        }
    }

    /// Runs what changes nothing: when there is no answer, nothing has been done that could be unconfirmed.
    func asking<Value: Sendable>(
        _ body: (RedisSessionStore) async throws(StoreError) -> Value
    ) async throws(GatewayError) -> Value {
        do throws(GatewayError) {
            return try await self.reading(body)
        } catch {
            if case .unconfirmed(let reason) = error.kind { throw .unavailable(reason) }
            throw error
        }
    }

    func reading<Value: Sendable>(
        _ body: (RedisSessionStore) async throws(StoreError) -> Value
    ) async throws(GatewayError) -> Value {
        do throws(StoreError) { return try await body(self.store) } catch { throw GatewayError(error) }
    }
}
