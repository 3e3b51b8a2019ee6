public import SessionCore
import SessionStore

/// The settings that can be changed while nodes run.
public struct RuntimeSettings: Sendable, Equatable {
    /// 0 when nothing was ever set; one more with each change.
    public let version: Int
    /// What is set.
    public let overrides: PolicyOverrides
    /// This node's configuration, which counts for what is not set.
    public let defaults: SessionPolicy
    /// When and by whom it was set last.
    public let changedAt: Timestamp?
    public let changedBy: String?

    /// What counts on this node for everybody who has no limit of their own.
    public var policy: SessionPolicy { self.overrides.applied(to: self.defaults) }

    init(_ stored: StoredSettings, defaults: SessionPolicy) {
        self.version = stored.version
        self.overrides = stored.overrides
        self.defaults = defaults
        self.changedAt = stored.changedAt
        self.changedBy = stored.changedBy
    }
}

extension SessionGateway {
    /// The settings, read from Redis.
    public func settings() async throws(GatewayError) -> RuntimeSettings {
        RuntimeSettings(try await self.readSettings().stored, defaults: self.settingsCache.defaults)
    }

    /// Replaces all that is set: what is left out falls back to the nodes' configurations. Returns after every node
    /// uses it for new logins; sessions that exist keep their timeouts. A failover of Redis may lose the change, as
    /// it may any other write that was not replicated.
    /// - Parameters:
    ///   - version: the one that was read, 0 when nothing was set.
    ///   - actor: who does it, and `from` what address; for the audit log.
    /// - Returns: the settings, and the receipt of the change; its `ended` is 0.
    /// - Throws: ``GatewayError/Code/invalid`` when over this node's configuration an idle timeout would be longer than
    ///   the absolute timeout; ``GatewayError/Code/conflict`` when the version is another;
    ///   ``GatewayError/Code/unavailable``, ``GatewayError/Code/unconfirmed``.
    public func setSettings(
        _ overrides: PolicyOverrides,
        expecting version: Int,
        by actor: String?,
        from: String? = nil
    ) async throws(GatewayError) -> (settings: RuntimeSettings, receipt: RevocationReceipt) {
        do { try overrides.validate(over: self.settingsCache.defaults) } catch { throw .invalid(error) }
        let (result, outcome) = try await self.broadcast { origin async throws(StoreError) in
            try await self.store.setSettings(
                overrides,
                expecting: version,
                by: actor,
                from: from,
                origin: origin
            )
        } apply: {
            guard case .changed(let stored) = $0 else { return false }
            self.settingsCache.heard(stored)
            return true
        }
        switch result {
        case .conflict(let present): throw .conflict(present: present)
        case .changed(let stored):
            guard let outcome else { throw .unconfirmed("No receipt") }
            return (
                RuntimeSettings(stored, defaults: self.settingsCache.defaults),
                RevocationReceipt(ended: 0, outcome)
            )
        }
    }

    /// The policy for a login or a rotation. While it holds a lease, a node has heard of every change; without one
    /// it asks, as it asks for the epoch.
    func settledPolicy() async throws(GatewayError) -> SettledPolicy {
        if self.coherence.isLeased, let policy = self.settingsCache.currentPolicy { return policy }
        return try await self.readSettings().policy
    }

    private func readSettings() async throws(GatewayError) -> (stored: StoredSettings, policy: SettledPolicy)
    {
        let begun = self.settingsCache.beginRead()
        let stored = try await self.asking { store async throws(StoreError) in try await store.settings() }
        return (stored, self.settingsCache.read(stored, begun: begun))
    }
}
