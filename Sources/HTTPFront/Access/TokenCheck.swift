import HTTPTypes
import SessionAuthentication
import SessionCore
import SessionGateway
import SessionJWT

/// The answer to a check of a token of either form.
enum TokenCheck: Sendable {
    /// Good; with what a JWT said of itself.
    case active(LiveSession, JWTDetails?)
    /// Not good.
    case refused(Refusal)
    /// Redis could not be asked.
    case unavailable

    init(_ result: CheckResult, _ details: JWTDetails? = nil) {
        switch result.kind {
        case .active(let cached): self = .active(cached.session, details)
        case .refused(let refusal): self = .refused(refusal)
        case .unavailable: self = .unavailable
        }
    }
}

extension Front {
    /// Checks an opaque token or, where JWT mode is on, a JWT. Who it is comes from the live session in any case, never
    /// from what the JWT claims.
    func check(_ text: String) async -> TokenCheck {
        guard let jwt = self.configuration.jwt, JWTIssuer.isJWT(text) else {
            return TokenCheck(await self.gateway.check(text))
        }
        guard let now = self.gateway.now else { return .unavailable }
        switch await jwt.verify(text, now: now) {
        case .refused: return TokenCheck(self.gateway.refuse(.forged))
        case .expired: return TokenCheck(self.gateway.refuse(.expired))
        case .good(let details):
            return TokenCheck(await self.gateway.check(session: details.session), details)
        }
    }

    /// The session of a token of either form that is ours, be it alive or not. Costs no Redis command.
    func genuineSession(_ text: String) async -> SessionID? {
        guard let jwt = self.configuration.jwt, JWTIssuer.isJWT(text) else {
            return self.gateway.genuineSession(text)
        }
        guard let now = self.gateway.now else { return nil }
        switch await jwt.verify(text, now: now) {
        case .good(let details), .expired(let details): return details.session
        case .refused: return nil
        }
    }
}
