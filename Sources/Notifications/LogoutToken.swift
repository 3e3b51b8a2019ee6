import JWTKit
import SessionCore

/// The claims of a logout token (OpenID Connect Back-Channel Logout 1.0, 2.4). No `nonce`, which would make it look
/// like an ID token.
struct LogoutToken: JWTPayload {
    /// An object without members.
    struct Event: Codable, Sendable {}

    static let event = "http://schemas.openid.net/event/backchannel-logout"
    /// Seconds for which it is good: 2.4 recommends at most two minutes.
    static let lifetime: Int64 = 120

    var iss: String
    /// The user id.
    var sub: String
    /// The client id.
    var aud: String
    var iat: Int64
    var exp: Int64
    /// Each attempt has its own, because each token has its own time.
    var jti: String
    /// The session id.
    var sid: String
    var events: [String: Event]

    /// `nil` when the entry is not about a session.
    init?(_ entry: AuditEntry, for receiver: WebhookReceiver, now: Timestamp) {
        guard let session = entry.session else { return nil }
        var generator = SystemRandomNumberGenerator()
        self.iss = receiver.issuer
        self.sub = entry.user
        self.aud = receiver.audience
        self.iat = now.milliseconds / 1000
        self.exp = self.iat + Self.lifetime
        self.jti = Base64URL.encode((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
        self.sid = session.description
        self.events = [Self.event: Event()]
    }

    func verify(using algorithm: some JWTAlgorithm) async throws {}
}
