package import RedisClient
package import SessionCore

/// How far a receiver of webhooks has got.
package struct StoredWebhook: Sendable, Equatable {
    /// The last entry of the log that it has got, or that was passed over.
    package let position: AuditPosition
    /// What the gateway keeps beside it.
    package let status: String

    package init(position: AuditPosition, status: String) {
        self.position = position
        self.status = status
    }
}

extension RedisSessionStore {
    /// All receivers that were ever served, by name. What cannot be read is left out.
    package func webhooks() async throws(StoreError) -> [String: StoredWebhook] {
        let fields = try await translating { () async throws(RedisError) in
            try await self.client.send(RedisCommand("HGETALL").key(self.keys.webhooks), timeout: nil)
        }.answer(of: "HGETALL")
        var webhooks: [String: StoredWebhook] = [:]
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            guard let name = fields[index].string, let value = fields[index + 1].string else { continue }
            let parts = value.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let position = AuditPosition(parts[0]) else { continue }
            webhooks[name] = StoredWebhook(position: position, status: String(parts[1]))
        }
        return webhooks
    }

    /// Notes how far a receiver has got.
    /// - Parameter position: where it was; `nil` when nothing was known of it.
    /// - Returns: whether it was there; if not, nothing has been noted.
    package func advanceWebhook(
        _ name: String,
        from position: AuditPosition?,
        to webhook: StoredWebhook
    ) async throws(StoreError) -> Bool {
        let answer = try await self.run(self.calls.advanceWebhook(name, from: position, to: webhook))
            .answer(of: "webhook_advance")
        switch answer.first?.string {
        case "ok": return true
        case "conflict": return false
        default: throw .corrupt("answer of webhook_advance")
        }
    }
}

extension StoreCalls {
    package func advanceWebhook(
        _ name: String,
        from position: AuditPosition?,
        to webhook: StoredWebhook
    ) -> ScriptCall {
        ScriptCall(
            StoreScripts.webhookAdvance,
            keys: [self.keys.webhooks],
            arguments: [
                .string(name), .string(position?.description ?? ""), .string(webhook.position.description),
                .string(webhook.status),
            ]
        )
    }
}
