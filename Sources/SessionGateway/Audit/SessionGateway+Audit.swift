public import SessionCore
import SessionStore

extension SessionGateway {
    /// Entries of the audit log that match, newest first. Looks at 10,000 entries at most; then it gives what it has
    /// found.
    /// - Parameters:
    ///   - cursor: ``AuditPage/next`` of the page before, with the same filter.
    ///   - limit: 1 to 1,000.
    /// - Throws: ``GatewayError/Code/unavailable``.
    public func audit(
        _ filter: AuditFilter = AuditFilter(),
        before cursor: AuditPosition? = nil,
        limit: Int = 50
    ) async throws(GatewayError) -> AuditPage {
        try await self.asking { store async throws(StoreError) in
            try await store.audit(filter, before: cursor, limit: min(max(limit, 1), 1000))
        }
    }

    /// Walks along the hash chain of the audit log, 10,000 entries at most.
    /// - Parameter cursor: ``AuditVerification/next`` of the call before; `nil` for the oldest entry kept.
    /// - Throws: ``GatewayError/Code/unavailable``.
    public func verifyAudit(from cursor: AuditPosition? = nil) async throws(GatewayError) -> AuditVerification
    {
        let keptSince = self.now.map { $0 - self.configuration.auditRetention }
        return try await self.asking { store async throws(StoreError) in
            try await store.verifyLog(from: cursor, keptSince: keptSince)
        }
    }

    /// Records an attempt that was refused. Returns at once; a node records 200 at once and 20 a second, and counts
    /// what is more.
    public func recordRefusal(_ attempt: RefusedAttempt) { self.refusedAttempts.record(attempt) }
}
