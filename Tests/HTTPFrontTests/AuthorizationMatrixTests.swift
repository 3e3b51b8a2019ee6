import HTTPTypes
import ServiceKeys
import SessionAuthentication
import SessionCore
import SessionGateway
import TestSupport
import Testing

@testable import HTTPFront

/// Every route × every kind of caller: is the caller let in, unknown (401) or refused (403)? What is expected follows
/// from the route's own `caller`, so a new route is in the matrix as soon as it is in the table, and a new kind of
/// required caller does not compile until it has its row below.
@Suite struct AuthorizationMatrixTests {
    enum CallerKind: Hashable {
        case anonymous
        /// A token of the right form, signed with somebody else's secret.
        case forgedToken
        case user
        /// A session with the administrators' role.
        case administrator
        /// A service key with this scope alone.
        case key(ServiceScope)
        /// A service key that nobody issued.
        case unknownKey
        /// A session with the role of an organization's administrator, of the organization `acme`.
        case organizationAdministrator
        /// One with the role and without an organization.
        case homelessAdministrator
        /// A service key with the scope admin that is bound to the organization `acme`.
        case organizationKey

        static var all: [CallerKind] {
            [
                .anonymous, .forgedToken, .user, .administrator, .unknownKey, .organizationAdministrator,
                .homelessAdministrator, .organizationKey,
            ]
                + ServiceScope.allCases.map { .key($0) }
        }
    }

    enum Outcome: Equatable {
        case allowed
        case unauthenticated
        case forbidden

        init(status: Int) {
            switch status {
            case 401: self = .unauthenticated
            case 403: self = .forbidden
            default: self = .allowed
            }
        }
    }

    static func expected(_ required: RequiredCaller, _ kind: CallerKind) -> Outcome {
        switch (required, kind) {
        case (.anyone, _): .allowed
        case (.session, .user), (.session, .administrator), (.session, .organizationAdministrator),
            (.session, .homelessAdministrator):
            .allowed
        case (.session, .anonymous), (.session, .forgedToken), (.session, .key), (.session, .unknownKey),
            (.session, .organizationKey):
            .unauthenticated
        // Applications' calls know no organizations.
        case (.service, .organizationKey), (.client, .organizationKey): .forbidden
        case (.service, .organizationAdministrator), (.service, .homelessAdministrator),
            (.client, .organizationAdministrator), (.client, .homelessAdministrator):
            .unauthenticated
        case (.service(let scope), .key(let held)), (.client(let scope), .key(let held)):
            held == scope || held == .admin ? .allowed : .forbidden
        case (.service, .anonymous), (.service, .forgedToken), (.service, .user), (.service, .administrator),
            (.service, .unknownKey), (.client, .anonymous), (.client, .forgedToken), (.client, .user),
            (.client, .administrator), (.client, .unknownKey):
            .unauthenticated
        case (.observer(let scope), .key(let held)): held == scope || held == .admin ? .allowed : .forbidden
        case (.administrator, .administrator), (.organizationAdministrator, .administrator),
            (.observer, .administrator):
            .allowed
        case (.administrator, .key(let held)), (.organizationAdministrator, .key(let held)):
            held == .admin ? .allowed : .forbidden
        case (.administrator, .organizationAdministrator), (.administrator, .organizationKey),
            (.observer, .organizationAdministrator), (.observer, .organizationKey):
            .forbidden
        case (.organizationAdministrator, .organizationAdministrator),
            (.organizationAdministrator, .organizationKey):
            .allowed
        case (.administrator, .user), (.organizationAdministrator, .user),
            (.administrator, .homelessAdministrator), (.organizationAdministrator, .homelessAdministrator),
            (.observer, .user), (.observer, .homelessAdministrator):
            .forbidden
        case (.administrator, .anonymous), (.administrator, .forgedToken), (.administrator, .unknownKey),
            (.organizationAdministrator, .anonymous), (.organizationAdministrator, .forgedToken),
            (.organizationAdministrator, .unknownKey), (.observer, .anonymous), (.observer, .forgedToken),
            (.observer, .unknownKey):
            .unauthenticated
        }
    }

    @Test func everyCellIsAsTheRouteSays() async throws {
        try await withFront { front in
            var cells = 0
            for route in Routes.all {
                // A check is the question whether there is a good session, so it answers like a session's own call.
                let required = route.readsToken ? .session : route.caller
                for kind in CallerKind.all {
                    cells += 1
                    let answer = try await front.call(
                        Self.method(route),
                        Self.path(route),
                        headers: try await Self.credentials(kind, front, cell: cells) + Self.type(route),
                        body: Self.isForm(route) ? "token=nothing" : nil
                    )
                    #expect(answer.status < 500, "\(route.methodAndPath) by \(kind): \(answer)")
                    #expect(
                        Outcome(status: answer.status) == Self.expected(required, kind),
                        "\(route.methodAndPath) by \(kind): \(answer)"
                    )
                    if answer.status == 401 {
                        let challenge = answer["WWW-Authenticate"] ?? ""
                        #expect(
                            challenge.hasPrefix("Bearer ")
                                || Self.isForm(route) && kind == .anonymous && challenge.hasPrefix("Basic ")
                        )
                    }
                }
            }
            #expect(cells == Routes.all.count * CallerKind.all.count && cells > 150)
        }
    }

    /// A parameter that nobody knows may have been meant to narrow what the call does.
    @Test func noCallIgnoresAParameter() async throws {
        try await withFront { front in
            var calls = 0
            for route in Routes.all where route.examinesQuery {
                calls += 1
                let answer = try await front.call(
                    Self.method(route),
                    Self.path(route) + "?dryRum=true",
                    headers: try await Self.credentials(
                        route.caller == .session ? .user : .key(.admin),
                        front,
                        cell: calls
                    )
                )
                #expect(
                    answer.status == 400 && answer.body.contains(#""field":"dryRum""#),
                    "\(route.methodAndPath): \(answer)"
                )
            }
            #expect(calls > 20)
        }
    }

    /// Monitors and proxies add parameters of their own. A check looks at its query when the token is good, OAuth in its
    /// own form of errors.
    @Test func openCallsDecideForThemselves() async throws {
        try await withFront { front in
            for path in ["/health/live", "/health/ready", "/metrics", "/openapi.json"] {
                for query in ["x=1", "x=1&x=2", "%zz"] {
                    #expect(try await front.call("GET", "\(path)?\(query)").status == 200, "\(path)?\(query)")
                }
            }
            let alice = front.service(try await front.token())
            for query in ["x=1", "factor=a&factor=b", "%zz"] {
                #expect(try await front.call("GET", "/check?\(query)").status == 401, "\(query)")
                let refused = try await front.call("GET", "/check?\(query)", headers: alice)
                #expect(refused.status == 400 && refused.body.contains(#""code":"invalid_parameter""#))
                #expect(try await front.call("GET", "/check/envoy/a?\(query)", headers: alice).status == 204)
                let introspection = try await front.call(
                    "POST",
                    "/oauth2/introspect?\(query)",
                    headers: [("Content-Type", "application/x-www-form-urlencoded")],
                    body: "token=x"
                )
                #expect(introspection.status == 400, "\(introspection)")
                #expect(introspection.body.contains(#""error":"invalid_request""#), "\(introspection)")
            }
        }
    }

    /// A user may be called like a key, and is not taken for it.
    @Test func usersDoNotActAsKeys() async throws {
        try await withFront { front in
            let first = try await front.token("key:app")
            let second = try await front.token("key:app")
            let answer = try await front.call(
                "DELETE",
                "/api/auth/sessions/others",
                headers: front.service(second)
            )
            #expect(answer.status == 200)
            let id = try #require(Token(first)?.sessionID)
            let ended = try await front.call(
                "GET",
                "/api/admin/sessions/\(id)",
                headers: front.service(front.adminKey)
            )
            #expect(ended.body.contains(#""endedBy":"user:key:app""#), "\(ended)")
        }
    }

    /// Whether the client may stand in the body, which is read first.
    static func isForm(_ route: Route) -> Bool {
        if case .client = route.caller { true } else { false }
    }

    static func type(_ route: Route) -> [(String, String)] {
        Self.isForm(route) ? [("Content-Type", "application/x-www-form-urlencoded")] : []
    }

    static func method(_ route: Route) -> String {
        if case .one(let method) = route.method { method.rawValue } else { "GET" }
    }

    /// The path with ids that name nothing: nobody's session is to be hit, and who may not call must not learn that.
    private static func path(_ route: Route) -> String {
        "/"
            + route.documentedPath.split(separator: "/").map {
                $0.hasPrefix("{") ? "00ff0123456789abcdef" : String($0)
            }
            .joined(separator: "/")
    }

    /// Sessions of a user of their own for each cell, because some routes end them. As Bearer: what cookies need
    /// beyond the token is tested elsewhere.
    static func credentials(
        _ kind: CallerKind,
        _ front: FrontFixture,
        cell: Int
    ) async throws -> [(String, String)] {
        switch kind {
        case .anonymous: return []
        case .forgedToken:
            let token = try await front.token("forger-\(cell)")
            let last = token.last == "A" ? "B" : "A"
            return front.service(token.dropLast() + last)
        case .user: return front.service(try await front.token("user-\(cell)"))
        case .administrator:
            return front.service(try await front.token("root-\(cell)", roles: ["portcullis:admin"]))
        case .organizationAdministrator, .homelessAdministrator:
            let token = try await front.token(
                "org-root-\(cell)",
                roles: ["portcullis:org-admin"],
                organization: kind == .organizationAdministrator ? "acme" : nil
            )
            return front.service(token)
        case .organizationKey: return front.service(front.organizationKey)
        case .key(let scope): return front.service(try #require(front.scopeKeys[scope]))
        case .unknownKey: return front.service("pk_nobody_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG")
        }
    }
}
