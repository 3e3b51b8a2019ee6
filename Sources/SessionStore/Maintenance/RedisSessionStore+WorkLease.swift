package import SessionCore

extension RedisSessionStore {
    /// Takes or renews a lease for something that one node at a time does.
    /// - Returns: whether the node holds it now.
    package func holdLease(
        _ name: String,
        by node: NodeID,
        for length: Duration
    ) async throws(StoreError) -> Bool {
        try await self.run(self.calls.lease(name, node, length)).number(of: "answer of lease") == 1
    }

    /// Gives a lease up, if the node holds it.
    package func releaseLease(_ name: String, by node: NodeID) async throws(StoreError) {
        _ = try await self.run(self.calls.lease(name, node, .zero))
    }
}
