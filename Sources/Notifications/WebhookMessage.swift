import GatewayAPI
package import SessionCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A request to a receiver, apart from where it goes.
package struct WebhookMessage: Sendable, Equatable {
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package static func == (lhs: Self, rhs: Self) -> Bool {
        lhs.body == rhs.body && lhs.headers.elementsEqual(rhs.headers, by: ==)
    }
}

/// Writes a receiver's messages.
package struct MessageWriter: Sendable {
    private let receiver: WebhookReceiver
    private let signer: TokenSigner

    package init(_ receiver: WebhookReceiver) async {
        self.receiver = receiver
        self.signer = await TokenSigner(secret: receiver.secret, type: receiver.format.tokenType)
    }

    /// What is sent for an entry; `nil` for what the format cannot tell.
    package func message(_ entry: AuditEntry, now: Timestamp) async throws -> WebhookMessage? {
        switch self.receiver.format {
        case .json: return self.json(EventJSON(entry), id: entry.position.description, now: now)
        case .backchannelLogout:
            guard let claims = LogoutToken(entry, for: self.receiver, now: now) else { return nil }
            return WebhookMessage(
                headers: [("Content-Type", "application/x-www-form-urlencoded")],
                // A JWT has no character that a form would encode.
                body: Array("logout_token=\(try await self.signer.sign(claims))".utf8)
            )
        case .caep:
            guard let claims = SessionRevokedToken(entry, for: self.receiver) else { return nil }
            return WebhookMessage(
                // RFC 8935 2.1.
                headers: [("Content-Type", "application/secevent+jwt"), ("Accept", "application/json")],
                body: Array(try await self.signer.sign(claims).utf8)
            )
        }
    }

    /// Says that entries after a position are not there any more; in JSON only.
    package func message(gapAfter position: AuditPosition, now: Timestamp) -> WebhookMessage? {
        guard self.receiver.format == .json else { return nil }
        return self.json(EventJSON(gapAfter: position), id: "gap-\(position)", now: now)
    }

    private func json(_ event: EventJSON, id: String, now: Timestamp) -> WebhookMessage {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Encoding fails only for numbers that are not finite; there are none.
        let body = Array((try? encoder.encode(event)) ?? Data())
        let seconds = now.milliseconds / 1000
        let signature = WebhookSignature.text(
            id: id,
            timestamp: seconds,
            body: body,
            secret: self.receiver.secret
        )
        return WebhookMessage(
            headers: [
                ("Content-Type", "application/json"), ("webhook-id", id), ("webhook-timestamp", "\(seconds)"),
                ("webhook-signature", signature),
            ],
            body: body
        )
    }
}

extension WebhookReceiver.Format {
    /// `typ` of its tokens, so that none can be taken for another kind of JWT (RFC 8725 3.11).
    fileprivate var tokenType: String {
        switch self {
        case .json: "JWT"
        case .backchannelLogout: "logout+jwt"
        case .caep: "secevent+jwt"
        }
    }
}
