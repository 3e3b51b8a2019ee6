import GatewayAPI
import HTTPTypes
import Hummingbird
import ServiceKeys
import SessionAuthentication
import SessionCore
import SessionGateway
import SessionJWT

extension Routes {
    /// Token introspection and revocation as OAuth clients know them. The client may say who it is in the body, so the
    /// handlers authenticate it, not the table.
    static let oauth: [Route] = [
        Route(
            .post,
            "/oauth2/introspect",
            .client(.check),
            id: "introspectToken",
            "Is the token good, and whose is it? (RFC 7662)",
            isQuestion: true,
            body: tokenForm,
            answers: [.answer(200, "The state of the token.", .json(IntrospectionJSON.self))] + oauthErrors,
            handle: introspect
        ),
        Route(
            .post,
            "/oauth2/revoke",
            .client(.create),
            id: "revokeToken",
            "End the token's session on every node. (RFC 7009)",
            body: tokenForm,
            answers: [.answer(200, "The token is revoked: no node accepts it.")] + oauthErrors,
            handle: revoke
        ),
    ]

    /// RFC 7662 2.1 and RFC 7009 2.1, with the client's credentials as RFC 6749 2.3.1 has them. Other fields are ignored.
    private static let tokenForm = Route.Content.form(
        .object([
            "token": .string(),
            "token_type_hint?": .string().note("Of no consequence."),
            "client_id?": .string().note("A service key's name."),
            "client_secret?": .string().note("The service key, where no header has it."),
        ])
    )

    /// RFC 6749 5.2.
    private static let oauthErrors: [Route.Answer] = [
        .answer(400, "A parameter is missing, wrong, or there twice.", oauthError),
        .answer(401, "The client is not known.", oauthError, headers: ["WWW-Authenticate"]),
        .answer(403, "The service key lacks the scope.", oauthError, headers: ["WWW-Authenticate"]),
        .answer(413, "The body is longer than 16 KiB.", oauthError),
        .answer(415, "The body is no form.", oauthError),
        .answer(503, "Redis cannot be asked.", oauthError, headers: ["Retry-After"]),
    ]
    private static let oauthError = Route.Content.json(OAuthErrorJSON.self)

    private static func introspect(_ call: RouteCall) async throws -> Response {
        try await oauth(call, scope: .check) { token, _ in
            switch await call.front.check(token) {
            case .active(let session, let claims): return .json(IntrospectionJSON(session, claims))
            // Nothing more, whatever the reason: RFC 7662 2.2.
            case .refused: return .json(bytes: Array(#"{"active":false}"#.utf8))
            case .unavailable: throw Problem(.unavailable)
            }
        }
    }

    private static func revoke(_ call: RouteCall) async throws -> Response {
        try await oauth(call, scope: .create) { token, client in
            guard !ServiceKeyRing.isServiceKey(token) else {
                throw Problem.oauth(
                    .badRequest,
                    .unsupportedTokenType,
                    "Service keys are not revoked here"
                )
            }
            // A session that is gone already is ended again: it may be gone here and not yet everywhere, when the
            // answer to an earlier call was lost. What is no token of ours is revoked enough: RFC 7009 2.2.
            if let id = await call.front.genuineSession(token) {
                _ = try await call.gateway.end(
                    id,
                    Ending(.revoked, by: "key:\(client.name)", from: call.clientAddress)
                )
            }
            return Response(status: .ok, headers: [.cacheControl: "no-store", .contentLength: "0"])
        }
    }

    /// Reads form and client, and tells every error as RFC 6749 5.2 has it.
    private static func oauth(
        _ call: RouteCall,
        scope: ServiceScope,
        _ body: (_ token: String, ServiceKey) async throws -> Response
    ) async throws -> Response {
        do {
            // Nothing secret belongs into a URL (RFC 6749 2.3.1), and nothing else is expected there.
            _ = try call.query
            let form = try await FormBody(of: call.request)
            let client = try call.front.client(call.request, form, scope: scope)
            // `token_type_hint` is only a hint, and nothing here is found faster with it.
            guard let token = form["token"] else { throw Problem.invalidRequest("token is required") }
            return try await body(token, client)
        } catch {
            guard let problem = Problem(mapping: error) else { throw error }
            throw problem.asOAuth
        }
    }
}

extension IntrospectionJSON {
    /// What is known of a live session by the token asked about.
    init(_ session: LiveSession, _ claims: JWTDetails?) {
        self.init(
            sub: session.user.text,
            sid: session.id.description,
            exp: claims?.expiresAt ?? session.absoluteDeadline.milliseconds / 1000,
            iat: claims?.issuedAt ?? session.createdAt.milliseconds / 1000,
            authTime: session.authenticatedAt.milliseconds / 1000,
            amr: session.factors,
            roles: session.roles,
            org: session.organization
        )
        self.nbf = claims?.notBefore
        self.iss = claims?.issuer
        self.aud = claims?.audience
        self.jti = claims?.id
        self.clientID = claims?.client
    }
}
