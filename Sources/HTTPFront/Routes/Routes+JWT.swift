import GatewayAPI
import HTTPTypes
import Hummingbird
import ServiceKeys
import SessionAuthentication
import SessionCore
import SessionGateway
import SessionJWT

extension Routes {
    /// JWTs for sessions (docs/features.md S8).
    static let jwt: [Route] = [
        Route(
            .post,
            "/api/auth/session/jwt",
            .session,
            id: "createOwnJwt",
            "A short-lived JWT for the session asked with.",
            answers: [jwtAnswer],
            problems: [404],
            handle: mintOwn
        ),
        Route(
            .post,
            "/api/sessions/{id}/jwt",
            .service(.create),
            id: "createJwt",
            "A short-lived JWT for a session.",
            answers: [jwtAnswer],
            handle: mint
        ),
    ]

    private static let jwtAnswer = Route.Answer.answer(200, "The JWT.", .json(JWTJSON.self))

    private static func mintOwn(_ call: RouteCall) async throws -> Response {
        return try await answer(try call.ownSession(), call)
    }

    private static func mint(_ call: RouteCall) async throws -> Response {
        switch await call.gateway.check(session: try call.sessionID()).kind {
        case .active(let cached): return try await answer(cached.session, call)
        case .refused: throw Problem.notFound
        case .unavailable: throw Problem(.unavailable)
        }
    }

    private static func answer(_ session: LiveSession, _ call: RouteCall) async throws -> Response {
        guard let minted = try await call.front.jwt(for: session, call.caller) else {
            throw Problem(.notFound, .jwtDisabled, "JWT mode is off: no secret for JWTs is configured")
        }
        return .json(
            JWTJSON(token: minted.text, expiresAt: minted.expiresAtWire, session: SessionJSON(session))
        )
    }
}

extension Front {
    /// A JWT for a live session; `nil` where JWT mode is off.
    func jwt(for session: LiveSession, _ caller: Caller) async throws -> MintedJWT? {
        guard let issuer = self.configuration.jwt else { return nil }
        guard let now = self.gateway.now else { throw Problem(.unavailable) }
        let client = if case .service(let key) = caller { key.name } else { "self" }
        return try await issuer.mint(session, now: now, client: client)
    }
}

extension MintedJWT {
    var expiresAtWire: WireTime { WireTime(milliseconds: self.expiresAt * 1000) }
}
