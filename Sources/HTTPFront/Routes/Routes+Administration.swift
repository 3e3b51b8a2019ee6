import GatewayAPI
import HTTPTypes
import Hummingbird
import SessionCore
import SessionGateway

extension Routes {
    /// What administrators do.
    static let administration: [Route] = [
        Route(.get, "/api/admin/sessions", .administrator, "All sessions, newest first.", handle: listAll),
        Route(.get, "/api/admin/sessions/{id}", .administrator, "One session.", handle: show),
        Route(.delete, "/api/admin/sessions/{id}", .administrator, "End a session.", handle: adminEnd),
        Route(
            .delete,
            "/api/admin/sessions",
            .administrator,
            "End all sessions of a user (userId=…), or everyone's (all=true&confirm=everyone).",
            handle: endMany
        ),
        Route(
            .get,
            "/api/admin/users/{id}/sessions",
            .administrator,
            "The sessions of a user.",
            handle: listOfUser
        ),
        Route(.get, "/api/admin/nodes", .administrator, "The gateway nodes and their leases.", handle: nodes),
    ]

    private static func listAll(_ call: RouteCall) async throws -> Response {
        let query = try call.query("limit", "offset", "userId", "includeEnded")
        return try await page(call, query, user: try userID(query["userId"]))
    }

    private static func listOfUser(_ call: RouteCall) async throws -> Response {
        let query = try call.query("limit", "offset", "includeEnded")
        return try await page(call, query, user: try call.userID())
    }

    private static func page(_ call: RouteCall, _ query: Query, user: UserID?) async throws -> Response {
        let page = try PageRequest(query)
        let found = try await call.gateway.list(
            offset: page.offset,
            limit: page.limit,
            user: user,
            includeEnded: try query.flag("includeEnded")
        )
        return .json(
            SessionPageJSON(
                sessions: found.sessions.map { SessionJSON($0, current: call.caller.session?.id) },
                total: found.total,
                offset: page.offset,
                limit: page.limit
            )
        )
    }

    private static func show(_ call: RouteCall) async throws -> Response {
        guard let overview = try await call.gateway.session(try call.sessionID()) else {
            throw Problem.notFound
        }
        return .json(SessionJSON(overview, current: call.caller.session?.id))
    }

    private static func adminEnd(_ call: RouteCall) async throws -> Response {
        let id = try call.sessionID()
        let ending = try call.ending(.revoked, call.query("reason"))
        return .json(ReceiptJSON(try await call.gateway.end(id, ending)))
    }

    private static func endMany(_ call: RouteCall) async throws -> Response {
        let query = try call.query("userId", "all", "confirm", "dryRun", "reason")
        let ending = try call.ending(.revoked, query)
        let isPreview = try query.flag("dryRun")
        switch (try userID(query["userId"]), try query.flag("all")) {
        case (.some(let user), false):
            if isPreview {
                return .json(PreviewJSON(matches: try await call.gateway.sessions(of: user).count))
            }
            return .json(ReceiptJSON(try await call.gateway.endAll(of: user, ending)))
        case (nil, true):
            if isPreview {
                return .json(PreviewJSON(matches: try await call.gateway.list(offset: 0, limit: 1).total))
            }
            guard query["confirm"] == "everyone" else {
                throw Problem.badParameter("confirm", "must be everyone, to log out everyone")
            }
            return .json(ReceiptJSON(try await call.gateway.endEveryone(ending)))
        default: throw Problem.badParameter("userId", "give either userId=… or all=true&confirm=everyone")
        }
    }

    private static func nodes(_ call: RouteCall) async throws -> Response {
        .json(NodesJSON(nodes: try await call.gateway.nodes().map { NodeJSON($0) }))
    }

    private static func userID(_ text: String?) throws(Problem) -> UserID? {
        guard let text else { return nil }
        do {
            return try UserID(text)
        } catch {
            throw .badParameter("userId", error.reason)
        }
    }
}
