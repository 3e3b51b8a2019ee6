public import SessionCore
import SessionStore

extension SessionGateway {
    /// What the log holds after a position, oldest first: logins, changes and ends of sessions, changes of settings,
    /// refused attempts. An entry is there about a quarter of a second after it happened.
    /// - Parameters:
    ///   - position: ``AuditEntry/position`` of the last entry known; `nil` for the oldest kept.
    ///   - limit: at most this many, and at most 1,000.
    /// - Throws: ``GatewayError/Code/unavailable``.
    public func log(after position: AuditPosition?, limit: Int) async throws(GatewayError) -> [AuditEntry] {
        try await self.asking { store async throws(StoreError) in
            try await store.log(after: position, limit: limit)
        }
    }

    /// The positions of the first and the last entry kept; `nil` when the log is empty.
    /// - Throws: ``GatewayError/Code/unavailable``.
    public func logBounds() async throws(GatewayError) -> (first: AuditPosition, last: AuditPosition)? {
        try await self.asking { store async throws(StoreError) in try await store.logBounds() }
    }

    /// What happened in each of the last minutes, oldest first, the present one included.
    /// - Parameter minutes: 1 to 1,440.
    /// - Throws: ``GatewayError/Code/unavailable``.
    public func rates(minutes: Int) async throws(GatewayError) -> [MinuteRate] {
        try await self.asking { store async throws(StoreError) in try await store.rates(minutes: minutes) }
    }
}
