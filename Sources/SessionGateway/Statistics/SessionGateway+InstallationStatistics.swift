public import SessionCore
import SessionStore

extension SessionGateway {
    /// Statistics of the whole installation: counters, which cost the same however many sessions there are. After
    /// everyone was revoked, they go down as the records are deleted.
    /// - Throws: ``GatewayError/Code/unavailable``.
    public func installationStatistics() async throws(GatewayError) -> InstallationStatistics {
        try await self.asking { store async throws(StoreError) in try await store.statistics() }
    }

    /// Statistics of one organization. Its sessions have to be looked for: up to 10,000 sessions of whatever
    /// organization are looked at, newest first, and where there are more the statistics are partial.
    /// - Throws: ``GatewayError/Code/unavailable``.
    public func installationStatistics(of organization: String) async throws(GatewayError)
        -> InstallationStatistics
    {
        var filter = SessionFilter()
        filter.organization = organization
        let matching = filter
        return try await self.asking { store async throws(StoreError) in
            try await store.statistics(of: matching, scan: ListOrder.scanBound, epoch: self.clock.epoch)
        }
    }
}
