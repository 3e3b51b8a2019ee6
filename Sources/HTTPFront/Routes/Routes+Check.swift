import GatewayAPI
import HTTPTypes
import Hummingbird
import ServiceKeys
import SessionAuthentication
import SessionCore
import SessionGateway
import SessionJWT

extension Routes {
    /// Checks of tokens.
    static let check: [Route] = [
        Route(
            .any,
            "/check",
            .anyone,
            id: "checkToken",
            "Check a token for forward-auth of proxies; redirect=302 or redirect=401 sends people to the login page.",
            readsToken: true,
            parameters: [
                .query("redirect", .choice(["302", "401"])),
                .query("maxAuthAge", CheckSessionsJSON.maxAuthAge),
                .query(
                    "factor",
                    .string(pattern: "^[^,]{1,64}(,[^,]{1,64})*$").note(
                        "A factor that the user must have used, or several with commas, one of which suffices."
                    )
                ),
            ],
            answers: [
                .answer(204, "The token is good.", headers: identityHeaders),
                .answer(302, "With redirect=302: to the login page.", headers: ["Location"]),
                .answer(
                    403,
                    "The user has to authenticate again (RFC 9470).",
                    .problem,
                    headers: ["WWW-Authenticate"]
                ),
            ],
            problems: [400, 401, 503],
            handle: checkOne
        ),
        Route(
            .any,
            "\(Self.envoyPrefix)/{path*}",
            .anyone,
            id: "checkTokenForEnvoy",
            "Check a token for Envoy, which asks with the path of the request that it asks about.",
            readsToken: true,
            answers: [
                .answer(204, "The token is good.", headers: identityHeaders),
                .answer(302, "To the login page.", headers: ["Location"]),
            ],
            problems: [400, 401, 503],
            handle: checkForEnvoy
        ),
        Route(
            .post,
            "/api/sessions/check",
            .service(.check),
            id: "checkTokens",
            "Check one token or up to 1,000.",
            isQuestion: true,
            body: .json(CheckSessionsJSON.self),
            answers: [
                .answer(
                    200,
                    "The state of the token, or of each of the tokens in their order.",
                    .json(.oneOf(.of(CheckedTokenJSON.self), .of(CheckedTokensJSON.self)))
                )
            ],
            handle: checkMany
        ),
    ]

    /// Headers of the default family; see the setting `identity-headers`.
    private static let identityHeaders = [
        "X-Session-Id?", "X-Session-User?", "X-Session-Organization?", "X-Session-Roles?",
        "X-Session-Factors?", "X-Session-Expires?", "X-Session-Auth-Time?",
    ]

    /// The same answers as the hot path's, byte for byte but for the order of headers; and the redirects, which the
    /// hot path does not know: their requests have a query, so it passes them on.
    private static func checkOne(_ call: RouteCall) async throws -> Response {
        try await self.checked(call, redirect: try LoginRedirect(call.request)) { () throws(Problem) in
            // A misspelt demand must not let everybody through.
            try AuthenticationDemand(try call.query)
        }
    }

    /// What `path_prefix` of Envoy's ext_authz has to be.
    private static let envoyPrefix = "/check/envoy"

    private static func checkForEnvoy(_ call: RouteCall) async throws -> Response {
        try await self.checked(
            call,
            redirect: LoginRedirect(call.request, below: self.envoyPrefix),
            target: String(call.request.uri.description.dropFirst(self.envoyPrefix.count))
        )
    }

    private static func checked(
        _ call: RouteCall,
        redirect: LoginRedirect?,
        target: String? = nil,
        demand: () throws(Problem) -> AuthenticationDemand? = { () throws(Problem) in nil }
    ) async throws -> Response {
        let token: String
        func deny(_ denial: CheckDenial) -> Response {
            redirect?.response(to: call, denial) ?? denial.response(isHead: false)
        }
        switch PresentedToken(call.request.headers, cookie: call.front.configuration.cookie) {
        case .none: return deny(.unauthenticated)
        case .ambiguous: return deny(.ambiguous)
        case .one(let text, .bearer): token = text
        case .one(let text, .cookie):
            // JWTs are for programs; in the cookie they would outlive rotations.
            guard !JWTIssuer.isJWT(text) else { return deny(.invalid) }
            token = text
        }
        switch await call.front.check(token) {
        case .active(let session, _):
            try demand()?.examine(session, now: call.gateway.now)
            call.noteActivity(of: session, target: target)
            return Response(status: .noContent, headers: call.front.answers.fields(for: session))
        case .refused(let refusal): return deny(CheckDenial(refusal))
        case .unavailable: return deny(.unavailable)
        }
    }

    private static func checkMany(_ call: RouteCall) async throws -> Response {
        // 1,000 opaque tokens, or JWTs of usual length.
        let limit = (call.front.configuration.jwt == nil ? 128 : 1024) * 1024
        let body = try await JSONBody(of: call.request, limit: limit).decode(CheckSessionsJSON.self)
        let demand = try AuthenticationDemand(body)
        switch (body.token, body.tokens) {
        case (.some(let token), nil):
            let (result, problem) = try await checked(token, demand, call.front)
            if let problem { throw problem }
            return .json(result)
        case (nil, .some(let tokens)):
            guard (1...CheckSessionsJSON.maximumTokens).contains(tokens.count) else {
                throw Problem.badField("tokens", "must have 1 to \(CheckSessionsJSON.maximumTokens) entries")
            }
            return .json(CheckedTokensJSON(results: try await checked(tokens, demand, call.front)))
        default:
            throw Problem(
                .unprocessableContent,
                .invalidBody,
                "Give either token or tokens",
                field: "token"
            )
        }
    }

    /// - Returns: the answer for the token, and the problem when the session lives and does not meet the demand. To
    ///   a reader that looks at `active` alone, such a session is none.
    private static func checked(
        _ token: String,
        _ demand: AuthenticationDemand,
        _ front: Front
    ) async throws -> (CheckedTokenJSON, Problem?) {
        switch await front.check(token) {
        case .active(let session, _):
            let json = SessionJSON(session)
            do {
                try demand.examine(session, now: front.gateway.now)
            } catch  where error.status == .forbidden {
                let refused = CheckedTokenJSON(
                    active: false,
                    session: json,
                    code: error.code.text,
                    error: error.error
                )
                return (refused, error)
            }
            return (CheckedTokenJSON(active: true, session: json, code: nil, error: nil), nil)
        case .refused(let refusal):
            let denial = CheckDenial(refusal)
            return (
                CheckedTokenJSON(active: false, session: nil, code: denial.code, error: denial.error), nil
            )
        case .unavailable:
            // "Not active" would be a lie about the tokens that could not be asked for.
            throw Problem(CheckDenial.unavailable)
        }
    }

    /// Checks at most 64 at a time, so that one request does not fill the connections to Redis.
    private static func checked(
        _ tokens: [String],
        _ demand: AuthenticationDemand,
        _ front: Front
    ) async throws -> [CheckedTokenJSON] {
        try await withThrowingTaskGroup(of: (Int, CheckedTokenJSON).self) { group in
            var results = [CheckedTokenJSON?](repeating: nil, count: tokens.count)
            for (index, token) in tokens.enumerated() {
                if index >= 64, let (done, result) = try await group.next() { results[done] = result }
                group.addTask { (index, try await checked(token, demand, front).0) }
            }
            for try await (done, result) in group { results[done] = result }
            return results.compactMap { $0 }
        }
    }
}
