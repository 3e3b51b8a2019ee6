import Notifications
import SessionGateway

extension Setting {
    /// Audit log, events and webhooks.
    static let events: [Setting] = [
        Setting(
            "audit-retention",
            "audit.retention",
            \.gateway.auditRetention,
            .duration(GatewayConfiguration.auditRetentionRange),
            "how long the audit log keeps an entry"
        ),
        Setting(
            "audit-entries",
            "audit.entries",
            \.gateway.auditEntries,
            .integer(GatewayConfiguration.auditEntriesRange),
            "about how many entries the audit log keeps at most"
        ),
        Setting(
            "event-listeners",
            "events.listeners",
            \.gateway.eventListeners,
            .integer(GatewayConfiguration.eventListenersRange),
            "the most listeners to the stream of events at a time, on each node"
        ),
        Setting(
            "webhooks-file",
            "webhooks.file",
            \.webhooksFile,
            .path,
            note: "no webhooks",
            "file of those who receive webhooks, the same on all nodes; see docs/events.md"
        ),
        Setting(
            "webhook-timeout",
            "webhooks.timeout",
            \.webhooks.timeout,
            .duration(WebhookConfiguration.timeoutRange),
            "how long a webhook's receiver may take to answer"
        ),
        Setting(
            "webhook-give-up",
            "webhooks.give-up",
            \.webhooks.giveUpAfter,
            .duration(WebhookConfiguration.giveUpAfterRange),
            "the age from which an event that cannot be delivered is passed over"
        ),
    ]
}
