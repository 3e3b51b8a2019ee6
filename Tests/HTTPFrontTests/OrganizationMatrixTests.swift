import HTTPTypes
import ServiceKeys
import SessionCore
import SessionGateway
import TestSupport
import Testing

@testable import HTTPFront

/// Every route that takes an id or a filter × callers whose reach is bounded × real sessions of their own
/// organization, of another one and of none. Whoever may not touch a session must neither see it nor end it, whatever
/// they ask. The requests follow from the route table and the routes' parameters.
@Suite struct OrganizationMatrixTests {
    /// Callers who may not touch everything. Sessions of users come along: they may touch nobody else's.
    static let kinds: [AuthorizationMatrixTests.CallerKind] = [
        .user, .organizationAdministrator, .homelessAdministrator, .organizationKey, .key(.check),
    ]

    /// Whose session is aimed at, seen from `acme`.
    enum Target: CaseIterable {
        case own, foreign, none

        var organization: String? {
            switch self {
            case .own: "acme"
            case .foreign: "beta"
            case .none: nil
            }
        }
    }

    /// What an administrator of an organization meets at a route that is open to them, aiming at a session of it.
    enum Meeting {
        /// The answer to one request or another has the session's id.
        case shows
        /// One request or another ends it.
        case ends
        /// Neither: the answer has only numbers, which `StatisticsRouteTests` looks at, or a timeline.
        case counts
    }

    /// Whoever opens a route to them has to say here what it does.
    static let meetings: [String: Meeting] = [
        "GET /api/admin/sessions": .shows,
        "GET /api/admin/sessions/{id}": .shows,
        "DELETE /api/admin/sessions/{id}": .ends,
        "DELETE /api/admin/sessions": .ends,
        "GET /api/admin/users/{id}/sessions": .shows,
        "GET /api/UserRequests": .shows,
        "DELETE /api/UserRequest/{id}": .ends,
        "GET /api/admin/stats": .counts,
        "GET /api/admin/sessions/{id}/activity": .counts,
    ]

    @Test func everyRouteThatIsOpenToThemHasAnEntry() {
        let open = Routes.all.filter { $0.caller == .organizationAdministrator }.map(\.methodAndPath)
        #expect(Set(open) == Set(Self.meetings.keys), "say in `meetings` what the route does")
    }

    /// Routes that can be aimed at somebody's session.
    static let aimed: [Route] = Routes.all.filter { route in
        let names = Set(route.parameters.map(\.name))
        return !route.takesRest && !route.pathParameters.isEmpty || route.caller.isAdministrator
            || !names.isDisjoint(with: ["userId", "org", "search"])
    }

    @Test func nobodyReachesBeyondTheirOwn() async throws {
        try await withFront(adjustGateway: { $0.policy.maximumSessions = 0 }) { front in
            var cells = 0
            for route in Self.aimed {
                for kind in Self.kinds {
                    for target in Target.allCases {
                        cells += 1
                        try await Self.aim(route, kind, target, front, cell: cells)
                    }
                }
            }
            #expect(cells == Self.aimed.count * Self.kinds.count * Target.allCases.count && cells > 200)
        }
    }

    private static func aim(
        _ route: Route,
        _ kind: AuthorizationMatrixTests.CallerKind,
        _ target: Target,
        _ front: FrontFixture,
        cell: Int
    ) async throws {
        let user = "target-\(cell)-end"
        let token = try await front.token(user, organization: target.organization)
        let id = try #require(Token(token)?.sessionID)
        let isTheirs =
            target == .own && route.caller == .organizationAdministrator
            && (kind == .organizationAdministrator || kind == .organizationKey)
        var isShown = false
        var number = 0
        for path in Self.paths(route, id, user, target) {
            number += 1
            let answer = try await front.call(
                AuthorizationMatrixTests.method(route),
                path,
                headers: try await AuthorizationMatrixTests.credentials(
                    kind,
                    front,
                    cell: 1000 * cell + number
                ) + AuthorizationMatrixTests.type(route),
                json: Self.body(route),
                body: AuthorizationMatrixTests.isForm(route) ? "token=nothing" : nil
            )
            let place = "\(route.methodAndPath) by \(kind) at \(target): \(path): \(answer)"
            #expect(answer.status < 500, "\(place)")
            if answer.body.contains(id.description) { isShown = true }
            guard !isTheirs else { continue }
            #expect(!answer.body.contains(id.description) && !answer.body.contains(user), "\(place)")
            let check = try await front.call("GET", "/check", headers: front.session(token))
            #expect(check.status == 204, "\(place)")
            let isAimedByID = path.contains(id.description)
            let allowed = AuthorizationMatrixTests.expected(route.caller, kind) == .allowed
            if route.caller == .organizationAdministrator, allowed, isAimedByID {
                // Exactly what an id that never was gets.
                let unknown = try await front.call(
                    AuthorizationMatrixTests.method(route),
                    path.replacing(id.description, with: "00ff0123456789abcdef"),
                    headers: try await AuthorizationMatrixTests.credentials(kind, front, cell: -cell)
                )
                #expect(answer.status == 404 && answer.body == unknown.body, "\(place), \(unknown)")
            }
        }
        guard isTheirs else { return }
        let check = try await front.call("GET", "/check", headers: front.session(token))
        switch Self.meetings[route.methodAndPath] {
        case .shows: #expect(isShown && check.status == 204, "\(route.methodAndPath) by \(kind)")
        case .ends: #expect(check.status == 401, "\(route.methodAndPath) by \(kind)")
        case .counts: #expect(!isShown && check.status == 204, "\(route.methodAndPath) by \(kind)")
        case nil: Issue.record("\(route.methodAndPath) has no entry in `meetings`")
        }
    }

    /// Requests that aim at a session: by its id or its user in the path, and by every filter that could mean it.
    private static func paths(_ route: Route, _ id: SessionID, _ user: String, _ target: Target) -> [String] {
        let path =
            "/"
            + route.documentedPath.split(separator: "/").map { part in
                guard part.hasPrefix("{") else { return String(part) }
                return route.path.contains("/users/") ? user : id.description
            }.joined(separator: "/")
        let names = Set(route.parameters.map(\.name))
        var queries = [""]
        func add(_ query: String) {
            let used = query.split(separator: "&").compactMap { $0.split(separator: "=").first }
            if used.allSatisfy({ names.contains(String($0)) }) { queries.append("?" + query) }
        }
        let organization = target.organization ?? "acme"
        add("includeEnded=true&limit=200")
        add("sort=user&limit=200")
        add("limit=200")
        add("search=\(user)")
        add("org=\(organization)")
        add("org=acme&search=\(user)")
        add("userId=\(user)&dryRun=true")
        add("userId=\(user)")
        add("userId=\(user)&org=\(organization)")
        add("all=true&confirm=everyone")
        add("all=true&confirm=\(organization)")
        add("all=true&confirm=acme")
        add("since=2001-01-01T00:00:00Z")
        add("verify=true")
        return queries.map { path + $0 }
    }

    private static func body(_ route: Route) -> String? {
        guard let type = route.body?.type, type == "application/json" else { return nil }
        return "{}"
    }
}
