import Foundation
import Logging
package import SessionCore
import SessionStore

/// How far a receiver of webhooks has got, and how it went. Kept in Redis, so that any node can tell and the next
/// one can go on.
package struct WebhookState: Sendable, Equatable {
    /// The last entry of the log that it has got, or that was passed over.
    package var position: AuditPosition
    package var delivered = 0
    /// Attempts that failed, since ever.
    package var failures = 0
    /// Events that the receiver refused for good.
    package var refused = 0
    /// Events that were given up.
    package var givenUp = 0
    /// Attempts that failed since the last one that did not.
    package var attempts = 0
    /// When the first of those was.
    package var failingSince: Timestamp?
    package var lastDeliveredAt: Timestamp?
    package var lastError: String?
    package var lastErrorAt: Timestamp?

    package init(position: AuditPosition) { self.position = position }

    /// What Redis keeps of it beside the position.
    private struct Status: Codable {
        var delivered: Int?
        var failures: Int?
        var refused: Int?
        var givenUp: Int?
        var attempts: Int?
        var failingSince: Timestamp?
        var lastDeliveredAt: Timestamp?
        var lastError: String?
        var lastErrorAt: Timestamp?
    }

    /// A status that cannot be read counts from nothing; the position is what must not be lost.
    init(_ stored: StoredWebhook) {
        self.init(position: stored.position)
        guard let status = try? JSONDecoder().decode(Status.self, from: Data(stored.status.utf8)) else {
            return
        }
        self.delivered = status.delivered ?? 0
        self.failures = status.failures ?? 0
        self.refused = status.refused ?? 0
        self.givenUp = status.givenUp ?? 0
        self.attempts = status.attempts ?? 0
        self.failingSince = status.failingSince
        self.lastDeliveredAt = status.lastDeliveredAt
        self.lastError = status.lastError
        self.lastErrorAt = status.lastErrorAt
    }

    var stored: StoredWebhook {
        let status = Status(
            delivered: self.delivered,
            failures: self.failures,
            refused: self.refused,
            givenUp: self.givenUp,
            attempts: self.attempts,
            failingSince: self.failingSince,
            lastDeliveredAt: self.lastDeliveredAt,
            lastError: self.lastError,
            lastErrorAt: self.lastErrorAt
        )
        let data = (try? JSONEncoder().encode(status)) ?? Data("{}".utf8)
        return StoredWebhook(position: self.position, status: String(decoding: data, as: UTF8.self))
    }
}

extension SessionGateway {
    /// All receivers of webhooks that were ever served, by name.
    /// - Throws: ``GatewayError/Code/unavailable``.
    package func webhooks() async throws(GatewayError) -> [String: WebhookState] {
        try await self.asking { store async throws(StoreError) in
            try await store.webhooks().mapValues { WebhookState($0) }
        }
    }

    /// Notes how far a receiver has got.
    /// - Parameter position: where it was; `nil` when nothing was known of it.
    /// - Returns: whether it was there; if not, nothing has been noted: another node serves it.
    /// - Throws: ``GatewayError/Code/unavailable``, also when it may have been noted.
    package func advanceWebhook(
        _ name: String,
        from position: AuditPosition?,
        to state: WebhookState
    ) async throws(GatewayError) -> Bool {
        try await self.asking { store async throws(StoreError) in
            try await store.advanceWebhook(name, from: position, to: state.stored)
        }
    }

    private static let webhookLease = "webhooks"

    /// Takes or keeps the right to deliver webhooks, which one node has at a time.
    /// - Returns: whether this node has it now, for `length` from before the call.
    /// - Throws: ``GatewayError/Code/unavailable``.
    package func takeWebhookLease(length: Duration) async throws(GatewayError) -> Bool {
        try await self.asking { store async throws(StoreError) in
            try await store.holdLease(Self.webhookLease, by: self.node, for: length)
        }
    }

    /// Gives up the right to deliver webhooks. If that fails it ends by itself.
    package func dropWebhookLease() async {
        do throws(StoreError) { try await self.store.releaseLease(Self.webhookLease, by: self.node) } catch {
            self.logger.debug("Not given up; it runs out by itself", metadata: ["reason": "\(error)"])
        }
    }
}
