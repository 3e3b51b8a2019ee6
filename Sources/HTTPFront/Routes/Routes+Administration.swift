import GatewayAPI
import HTTPTypes
import Hummingbird
import SessionCore
import SessionGateway

extension Routes {
    /// What administrators do.
    static let administration: [Route] = [
        Route(
            .get,
            "/api/admin/sessions",
            .administrator,
            "All sessions, newest first, by filters, search and pages.",
            handle: listAll
        ),
        Route(.get, "/api/admin/sessions/{id}", .administrator, "One session.", handle: show),
        Route(.delete, "/api/admin/sessions/{id}", .administrator, "End a session.", handle: adminEnd),
        Route(
            .delete,
            "/api/admin/sessions",
            .administrator,
            "End all sessions that match a filter, or everyone's (all=true&confirm=everyone); dryRun=true counts.",
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
        .json(try await call.sessionPage())
    }

    private static func listOfUser(_ call: RouteCall) async throws -> Response {
        .json(try await call.sessionPage(of: try call.userID()))
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
        let query = try Query(
            call.request.uri.query,
            allowed: Query.filterNames.union(["all", "confirm", "dryRun", "reason"])
        )
        let ending = try call.ending(.revoked, query)
        let filter = try query.sessionFilter()
        guard try query.flag("all") == filter.isUnconditional else {
            throw Problem.badParameter("all", "give either a filter or all=true&confirm=everyone")
        }
        if try query.flag("dryRun") {
            let (count, isPartial) = try await call.gateway.count(matching: filter)
            return .json(PreviewJSON(matches: count, partial: isPartial))
        }
        if filter.isUnconditional {
            guard query["confirm"] == "everyone" else {
                throw Problem.badParameter("confirm", "must be everyone, to log out everyone")
            }
            return .json(ReceiptJSON(try await call.gateway.endEveryone(ending)))
        }
        var ofUser = SessionFilter()
        ofUser.user = filter.user
        if let user = filter.user, filter == ofUser {
            return .json(ReceiptJSON(try await call.gateway.endAll(of: user, ending)))
        }
        return .json(ReceiptJSON(try await call.gateway.endAll(matching: filter, ending)))
    }

    private static func nodes(_ call: RouteCall) async throws -> Response {
        .json(NodesJSON(nodes: try await call.gateway.nodes().map { NodeJSON($0) }))
    }
}
