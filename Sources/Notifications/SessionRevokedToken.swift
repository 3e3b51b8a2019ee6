import JWTKit
import SessionCore

/// The claims of a security event token (RFC 8417) that says that a session has been revoked (CAEP 1.0, 3.1). The same
/// for every attempt, so that a receiver knows a repetition by its `jti` (RFC 8935 2).
struct SessionRevokedToken: JWTPayload {
    struct Identifier: Codable, Sendable {
        var format = "opaque"
        var id: String
    }

    /// A complex subject (Shared Signals Framework 1.0, 3.2): this session of this user.
    struct Subject: Codable, Sendable {
        var format = "complex"
        var user: Identifier?
        var session: Identifier
        /// The organization.
        var tenant: Identifier?
    }

    struct Event: Codable, Sendable {
        /// Seconds since 1970.
        var eventTimestamp: Int64
        var initiatingEntity: String
        /// By language tag.
        var reasonAdmin: [String: String]

        enum CodingKeys: String, CodingKey {
            case eventTimestamp = "event_timestamp"
            case initiatingEntity = "initiating_entity"
            case reasonAdmin = "reason_admin"
        }
    }

    static let event = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"

    var iss: String
    var aud: String
    var iat: Int64
    /// The entry's position in the log.
    var jti: String
    /// Not `sub`, which RFC 8417 2.2 leaves to others.
    var subject: Subject
    var events: [String: Event]

    enum CodingKeys: String, CodingKey {
        case iss, aud, iat, jti, events
        case subject = "sub_id"
    }

    /// `nil` when the entry is not about the end of a session.
    init?(_ entry: AuditEntry, for receiver: WebhookReceiver) {
        guard let session = entry.session, let kind = EndKind(rawValue: entry.kind) else { return nil }
        func identifier(_ text: String) -> Identifier? { text.isEmpty ? nil : Identifier(id: text) }
        self.iss = receiver.issuer
        self.aud = receiver.audience
        self.iat = entry.at.milliseconds / 1000
        self.jti = entry.position.description
        self.subject = Subject(
            user: identifier(entry.user),
            session: Identifier(id: session.description),
            tenant: identifier(entry.organization)
        )
        let reason = entry.reason.isEmpty ? entry.kind : "\(entry.kind): \(entry.reason)"
        self.events = [
            Self.event: Event(
                eventTimestamp: entry.at.milliseconds / 1000,
                initiatingEntity: Self.initiator(entry, kind),
                reasonAdmin: ["en": reason]
            )
        ]
    }

    func verify(using algorithm: some JWTAlgorithm) async throws {}

    /// CAEP 1.0, 2: `admin`, `user`, `policy` or `system`.
    private static func initiator(_ entry: AuditEntry, _ kind: EndKind) -> String {
        switch kind {
        case .expiredIdle, .expiredAbsolute, .evicted: return "policy"
        case .replaced, .tokenReused: return "system"
        case .loggedOut, .revoked: break
        }
        if entry.actor.isEmpty || entry.actor.hasPrefix("key:") { return "system" }
        return entry.actor.utf8.elementsEqual(entry.user.utf8) ? "user" : "admin"
    }
}
