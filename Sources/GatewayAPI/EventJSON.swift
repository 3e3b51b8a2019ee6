package import SessionCore

/// Something that happened, as listeners and webhooks are told.
package struct EventJSON: Codable, Sendable, Equatable {
    /// Its place in the log: what comes later is greater. The id of the event in a stream, and of a webhook.
    package var id: String?
    package var kind: String
    package var at: WireTime?
    package var sessionId: String?
    package var userId: String?
    package var organization: String?
    /// Who did it: a user id, `key:` and the name of a service key; missing for Portcullis itself.
    package var actor: String?
    package var reason: String?
    /// The address that the request came from.
    package var from: String?
    /// The call that was refused, and the problem's code.
    package var call: String?
    package var code: String?
    /// How many events it stands for, where it is more than itself.
    package var count: Int?
    /// Of a gap: the last position before it.
    package var after: String?

    /// What the log says.
    package init(_ entry: AuditEntry) {
        func some(_ text: String) -> String? { text.isEmpty ? nil : text }
        self.id = entry.position.description
        self.kind = entry.kind
        self.at = WireTime(milliseconds: entry.at.milliseconds)
        self.sessionId = entry.session?.description
        self.userId = some(entry.user)
        self.organization = some(entry.organization)
        self.actor = some(entry.actor)
        self.reason = some(entry.reason)
        self.from = some(entry.from)
        self.call = some(entry.call)
        self.code = some(entry.code)
        self.count = entry.count == 1 ? nil : entry.count
    }

    /// Entries after `position` are not there any more.
    package init(gapAfter position: AuditPosition) {
        self.kind = EventKind.gap.rawValue
        self.after = position.description
    }
}

/// `GET /api/admin/webhooks`.
package struct WebhooksJSON: Codable, Sendable, Equatable {
    package var webhooks: [WebhookJSON]

    package init(webhooks: [WebhookJSON]) { self.webhooks = webhooks }
}

/// A receiver of webhooks, and how far it has got. Nothing of it is secret: of its URL only the origin is shown,
/// because paths and queries of such URLs often are.
package struct WebhookJSON: Codable, Sendable, Equatable {
    package var name: String
    package var origin: String
    package var format: String
    /// Empty: all that the format can tell, but for refused attempts.
    package var kinds: [String]
    /// Empty: all.
    package var organizations: [String]
    /// The last event that it has got, or was passed over; missing before the first delivery is under way.
    package var position: String?
    /// Seconds from that one to the last event there is; missing while there is no such event.
    package var lagSeconds: Int?
    package var delivered = 0
    /// Attempts that failed.
    package var failures = 0
    /// Events that it refused for good.
    package var refused = 0
    /// Events that were given up.
    package var givenUp = 0
    package var lastDeliveredAt: WireTime?
    /// Since when nothing has got through; missing while all is well.
    package var failingSince: WireTime?
    package var lastError: String?
    package var lastErrorAt: WireTime?

    package init(name: String, origin: String, format: String, kinds: [String], organizations: [String]) {
        self.name = name
        self.origin = origin
        self.format = format
        self.kinds = kinds
        self.organizations = organizations
    }
}
