public import SessionCore
import SessionStore

extension SessionGateway {
    /// What the log holds after a position, oldest first: logins, changes and ends of sessions, changes of settings,
    /// refused attempts. An entry is there about a quarter of a second after it happened.
    /// - Parameters:
    ///   - position: ``AuditEntry/position`` of the last entry known; `nil` for the oldest kept.
    ///   - limit: at most this many, and at most 1,000.
    /// - Throws: ``GatewayError/invalid(_:)`` when the position is none, ``GatewayError/unavailable(_:)``.
    public func log(after position: String?, limit: Int) async throws(GatewayError) -> [AuditEntry] {
        let place = try self.position(position)
        return try await self.asking { store async throws(StoreError) in
            try await store.log(after: place, limit: limit)
        }
    }

    /// The positions of the first and the last entry kept; `nil` when the log is empty.
    /// - Throws: ``GatewayError/unavailable(_:)``.
    public func logBounds() async throws(GatewayError) -> (first: String, last: String)? {
        try await self.asking { store async throws(StoreError) in
            guard let bounds = try await store.logBounds() else { return nil }
            return (bounds.first.description, bounds.last.description)
        }
    }

    /// What happened in each of the last minutes, oldest first, the present one included.
    /// - Parameter minutes: 1 to 1,440.
    /// - Throws: ``GatewayError/unavailable(_:)``.
    public func rates(minutes: Int) async throws(GatewayError) -> [MinuteRate] {
        try await self.asking { store async throws(StoreError) in try await store.rates(minutes: minutes) }
    }

    func position(_ text: String?) throws(GatewayError) -> AuditPosition? {
        guard let text else { return nil }
        guard let position = AuditPosition(text) else {
            throw .invalid(InputError(field: "position", reason: "must be the position of a log entry"))
        }
        return position
    }
}
