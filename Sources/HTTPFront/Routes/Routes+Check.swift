import Directory
import GatewayAPI
import HTTPTypes
import Hummingbird
import SessionAuthentication
import SessionCore
import SessionGateway

extension Routes {
    /// Checks of tokens.
    static let check: [Route] = [
        Route(
            method: .any,
            path: "/check",
            caller: .anyone,
            summary:
                "Is the token good, and whose is it? For forward-auth of proxies; redirect=302 or redirect=401 "
                + "sends people to the login page.",
            handle: checkOne
        ),
        Route(
            method: .any,
            path: "\(Self.envoyPrefix)/{path*}",
            caller: .anyone,
            summary: "The same for Envoy, which asks with the path of the request that it asks about.",
            handle: checkForEnvoy
        ),
        Route(
            .post,
            "/api/sessions/check",
            .service(.check),
            "Check one token or up to 1,000.",
            handle: checkMany
        ),
    ]

    /// The same answers as the hot path's, byte for byte but for the order of headers; and the redirects, which the
    /// hot path does not know: their requests have a query, so it passes them on.
    private static func checkOne(_ call: RouteCall) async throws -> Response {
        try await self.checked(call, redirect: try LoginRedirect(call.request))
    }

    /// What `path_prefix` of Envoy's ext_authz has to be.
    private static let envoyPrefix = "/check/envoy"

    private static func checkForEnvoy(_ call: RouteCall) async throws -> Response {
        try await self.checked(call, redirect: LoginRedirect(call.request, below: self.envoyPrefix))
    }

    private static func checked(_ call: RouteCall, redirect: LoginRedirect?) async throws -> Response {
        let token: String
        func deny(_ denial: CheckDenial) -> Response {
            redirect?.response(to: call, denial) ?? denial.response(isHead: false)
        }
        switch PresentedToken(call.request.headers, cookie: call.front.configuration.cookie) {
        case .none: return deny(.unauthenticated)
        case .ambiguous: return deny(.ambiguous)
        case .one(let text, _): token = text
        }
        switch await call.gateway.check(token) {
        case .active(let cached):
            return Response(status: .noContent, headers: call.front.answers.fields(for: cached.session))
        case .refused(let refusal): return deny(CheckDenial(refusal))
        case .unavailable: return deny(.unavailable)
        }
    }

    private static func checkMany(_ call: RouteCall) async throws -> Response {
        let body = try await JSONBody(of: call.request, limit: 128 * 1024).decode(CheckSessionsJSON.self)
        switch (body.token, body.tokens) {
        case (.some(let token), nil): return .json(try await checked(token, call.gateway))
        case (nil, .some(let tokens)):
            guard (1...CheckSessionsJSON.maximumTokens).contains(tokens.count) else {
                throw Problem.badField("tokens", "must have 1 to \(CheckSessionsJSON.maximumTokens) entries")
            }
            return .json(CheckedTokensJSON(results: try await checked(tokens, call.gateway)))
        default:
            throw Problem(
                .unprocessableContent,
                "invalid_body",
                "Give either token or tokens",
                field: "token"
            )
        }
    }

    private static func checked(_ token: String, _ gateway: SessionGateway) async throws -> CheckedTokenJSON {
        switch await gateway.check(token) {
        case .active(let cached):
            return CheckedTokenJSON(
                active: true,
                session: SessionJSON(cached.session),
                code: nil,
                error: nil
            )
        case .refused(let refusal):
            let denial = CheckDenial(refusal)
            return CheckedTokenJSON(active: false, session: nil, code: denial.code, error: denial.error)
        case .unavailable:
            // "Not active" would be a lie about the tokens that could not be asked for.
            throw Problem(CheckDenial.unavailable)
        }
    }

    /// Checks at most 64 at a time, so that one request does not fill the connections to Redis.
    private static func checked(
        _ tokens: [String],
        _ gateway: SessionGateway
    ) async throws -> [CheckedTokenJSON] {
        try await withThrowingTaskGroup(of: (Int, CheckedTokenJSON).self) { group in
            var results = [CheckedTokenJSON?](repeating: nil, count: tokens.count)
            for (index, token) in tokens.enumerated() {
                if index >= 64, let (done, result) = try await group.next() { results[done] = result }
                group.addTask { (index, try await checked(token, gateway)) }
            }
            for try await (done, result) in group { results[done] = result }
            return results.compactMap { $0 }
        }
    }
}
