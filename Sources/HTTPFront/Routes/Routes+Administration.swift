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
            .organizationAdministrator,
            id: "listSessions",
            "All sessions, newest first, by filters, search and pages.",
            parameters: .page + .userFilter,
            answers: [.sessionPage],
            handle: listAll
        ),
        Route(
            .get,
            "/api/admin/sessions/{id}",
            .organizationAdministrator,
            id: "getSession",
            "One session.",
            answers: [.answer(200, "The session.", .json(SessionJSON.self))],
            handle: show
        ),
        Route(
            .delete,
            "/api/admin/sessions/{id}",
            .organizationAdministrator,
            id: "endAnySession",
            "End a session.",
            parameters: [.reason],
            answers: [.receipt],
            handle: adminEnd
        ),
        Route(
            .delete,
            "/api/admin/sessions",
            .organizationAdministrator,
            id: "endSessions",
            "End all sessions that match a filter, or everyone's (all=true&confirm=everyone), or those of the "
                + "organization that the caller administers (confirm=its name); dryRun=true counts.",
            parameters: .userFilter + [
                .query("all", .boolean),
                .query(
                    "confirm",
                    .name.note(
                        "With all: everyone, or the name of the organization that the caller administers."
                    )
                ),
                .query("dryRun", .boolean),
                .query(
                    "progress",
                    .boolean.note("Lines with the number so far; the last has receipt or problem.")
                ),
                .reason,
            ],
            answers: [
                .answer(
                    200,
                    "The receipt, or with dryRun=true the count.",
                    .json(.oneOf(.of(ReceiptJSON.self), .of(PreviewJSON.self))),
                    others: [.text("application/jsonl")]
                )
            ],
            problems: [422],
            handle: endMany
        ),
        Route(
            .get,
            "/api/admin/users/{id}/sessions",
            .organizationAdministrator,
            id: "listSessionsOfUser",
            "The sessions of a user.",
            parameters: .page + .filter,
            answers: [.sessionPage],
            problems: [422],
            handle: listOfUser
        ),
    ]

    private static func listAll(_ call: RouteCall) async throws -> Response {
        .json(try await call.sessionPage(within: try call.reach()))
    }

    private static func listOfUser(_ call: RouteCall) async throws -> Response {
        .json(try await call.sessionPage(of: try call.userID(), within: try call.reach()))
    }

    private static func show(_ call: RouteCall) async throws -> Response {
        // A session beyond the caller's reach and one that never was look alike.
        guard let overview = try await call.gateway.session(try call.sessionID()),
            try call.reach().includes(overview.session)
        else { throw Problem.notFound }
        return .json(SessionJSON(overview, current: call.caller.session?.id))
    }

    private static func adminEnd(_ call: RouteCall) async throws -> Response {
        let id = try call.sessionID()
        let ending = try call.ending(.revoked, call.query)
        return .json(try await call.endAdministered(id, ending))
    }

    private static func endMany(_ call: RouteCall) async throws -> Response {
        let query = try call.query
        let ending = try call.ending(.revoked, query)
        let asked = try query.sessionFilter()
        guard try query.flag("all") == asked.isUnconditional else {
            throw Problem.badParameter("all", "give either a filter or all=true with confirm")
        }
        let reach = try call.reach()
        let filter = try reach.narrowed(asked)
        // Before anything is ended: afterwards nobody could tell.
        let includesOwn = try await call.includesOwn(filter)
        if try query.flag("dryRun") {
            let (count, isPartial) = try await call.gateway.count(matching: filter)
            return .json(PreviewJSON(matches: count, partial: isPartial, includesOwn: includesOwn))
        }
        if asked.isUnconditional {
            guard let confirmed = query["confirm"], confirmed.utf8.elementsEqual(reach.confirmation.utf8)
            else {
                throw Problem.badParameter(
                    "confirm",
                    reach == .everything
                        ? "must be everyone, to log out everyone"
                        : "must be the organization's name, to log out all of it"
                )
            }
        }
        let gateway = call.gateway
        @Sendable func end(_ progress: @escaping @Sendable (Int) -> Void) async throws -> ReceiptJSON {
            var ofUser = SessionFilter()
            ofUser.user = filter.user
            let receipt: RevocationReceipt
            if filter.isUnconditional {
                receipt = try await gateway.endEveryone(ending)
            } else if let user = filter.user, filter == ofUser {
                receipt = try await gateway.endAll(of: user, ending)
            } else {
                receipt = try await gateway.endAll(matching: filter, ending, progress: progress)
            }
            return ReceiptJSON(receipt, endsOwn: includesOwn)
        }
        if try query.flag("progress") { return call.tellingProgress(end) }
        return .json(try await end { _ in })
    }
}
