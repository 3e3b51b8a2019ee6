import RedisClient
package import SessionCore

extension RedisSessionStore {
    /// The settings as they are set at run time.
    package func settings() async throws(StoreError) -> StoredSettings {
        let value = try await translating { () async throws(RedisError) in
            try await self.client.send(RedisCommand("GET").key(self.keys.settings), timeout: nil)
        }
        if value == .null { return .none }
        guard let settings = value.string.flatMap({ StoredSettings($0) }) else {
            throw .corrupt("\(self.keys.settings)")
        }
        return settings
    }

    /// Replaces all settings, and tells every node.
    /// - Parameter version: the one that was read.
    package func setSettings(
        _ overrides: PolicyOverrides,
        expecting version: Int,
        by actor: String?,
        from: String? = nil,
        origin: RevocationMessage.Origin?
    ) async throws(StoreError) -> Published<SetSettingsOutcome> {
        let (replies, nodes) = try await self.publishing([
            self.calls.setSettings(overrides, expecting: version, by: actor, from: from, origin: origin)
        ])
        let answer = try replies.value(0, of: "settings_set").answer(of: "settings_set")
        switch answer.first?.string {
        case "ok":
            let stored = try answer.value(1, of: "settings_set").string.flatMap { StoredSettings($0) }
            guard let stored else { throw .corrupt("answer of settings_set") }
            return Published(.changed(stored), nodes: nodes)
        case "conflict":
            return Published(.conflict(present: try answer.number(1, of: "settings_set")), nodes: [])
        default: throw .corrupt("answer of settings_set")
        }
    }
}
