public import SessionCore
import SessionStore

extension SessionGateway {
    /// One session with all that is known of it, active or ended; `nil` when there is no trace of it.
    public func session(_ id: SessionID) async throws(GatewayError) -> SessionOverview? {
        try await self.reading { store async throws(StoreError) in
            try await store.session(id, epoch: self.clock.epoch)
        }
    }

    /// A user's sessions, newest first.
    /// - Parameter includeEnded: also those that have ended within the retention time.
    public func sessions(
        of user: UserID,
        includeEnded: Bool = false
    ) async throws(GatewayError) -> [SessionOverview] {
        try await self.reading { store async throws(StoreError) in
            try await store.sessions(of: user, includeEnded: includeEnded, epoch: self.clock.epoch)
        }
    }

    /// A page of all sessions, or of a user's, newest first.
    /// - Parameters:
    ///   - offset: 0 to 100,000.
    ///   - limit: 1 to 200.
    public func list(
        offset: Int,
        limit: Int,
        user: UserID? = nil,
        includeEnded: Bool = false
    ) async throws(GatewayError) -> SessionPage {
        guard (0...100_000).contains(offset) else {
            throw .invalid(InputError(field: "offset", reason: "must be 0 to 100000"))
        }
        guard (1...200).contains(limit) else {
            throw .invalid(InputError(field: "limit", reason: "must be 1 to 200"))
        }
        if let user {
            let sessions = try await self.sessions(of: user, includeEnded: includeEnded)
            return SessionPage(
                total: sessions.count,
                sessions: Array(sessions.dropFirst(offset).prefix(limit))
            )
        }
        return try await self.reading { store async throws(StoreError) in
            let page = try await store.list(
                offset: offset,
                limit: limit,
                includeEnded: includeEnded,
                epoch: self.clock.epoch
            )
            return SessionPage(total: page.total, sessions: page.sessions)
        }
    }

    /// The gateway nodes that have been heard of lately, the asked one included.
    public func nodes() async throws(GatewayError) -> [NodeStatus] {
        try await self.reading { store async throws(StoreError) in
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

    /// Files expired sessions as ended, forgets those past their retention, and mends indexes.
    public func cleanup() async throws(GatewayError) -> CleanupReport {
        try await self.reading { store async throws(StoreError) in
            let swept = try await store.sweepDue()
            let repaired = try await store.repairIndexes()
            var report = CleanupReport()
            report.expired = swept.expired + repaired.expired
            report.forgotten = swept.forgotten
            report.repaired = repaired.repaired
            return report
        }
    }

    func reading<Value: Sendable>(
        _ body: (RedisSessionStore) async throws(StoreError) -> Value
    ) async throws(GatewayError) -> Value {
        do throws(StoreError) { return try await body(self.store) } catch { throw GatewayError(error) }
    }
}
