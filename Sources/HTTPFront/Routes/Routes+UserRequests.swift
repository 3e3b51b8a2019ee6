import GatewayAPI
import HTTPTypes
import Hummingbird
import SessionCore
import SessionGateway

extension Routes {
    /// The administrators' list and its button under the names and in the shape that clients of "user requests" expect;
    /// the same as `/api/admin/sessions` otherwise.
    static let userRequests: [Route] = [
        Route(
            .get,
            "/api/UserRequests",
            .organizationAdministrator,
            id: "listUserRequests",
            "All sessions, newest first, those that have ended included.",
            parameters: [.query("limit", .integer(1...10_000)), .query("offset", .integer(0...100_000))],
            answers: [
                .answer(
                    200,
                    "The sessions.",
                    .json(.array(.of(UserRequestJSON.self))),
                    headers: ["X-Total-Count?"]
                )
            ],
            handle: listUserRequests
        ),
        Route(
            .delete,
            "/api/UserRequest/{id}",
            .organizationAdministrator,
            id: "endUserRequest",
            "End a session.",
            answers: [.receipt],
            handle: endUserRequest
        ),
    ]

    /// As many sessions as one answer holds, unless told otherwise.
    private static let defaultCount = 1000
    /// The longest page that the gateway gives.
    private static let pageLength = 200

    private static func listUserRequests(_ call: RouteCall) async throws -> Response {
        let query = try call.query
        let limit = try query.integer("limit", in: 1...10_000, default: self.defaultCount)
        var request = SessionListRequest()
        request.filter = try call.reach().narrowed(request.filter)
        request.filter.statuses = SessionFilter.everyStatus
        request.offset = try query.integer("offset", in: 0...100_000, default: 0)
        var records: [UserRequestJSON] = []
        var total: Int?
        repeat {
            request.limit = min(self.pageLength, limit - records.count)
            let page = try await call.gateway.list(request)
            records += page.sessions.map { UserRequestJSON($0) }
            total = total ?? page.total
            request.offset = 0
            request.cursor = page.next
        } while request.cursor != nil && records.count < limit
        var response = Response.json(records)
        if let total, let name = HTTPField.Name("X-Total-Count") { response.headers[name] = "\(total)" }
        return response
    }

    private static func endUserRequest(_ call: RouteCall) async throws -> Response {
        let id = try call.sessionID()
        return .json(try await call.endAdministered(id, call.ending(.revoked)))
    }
}

extension UserRequestJSON {
    fileprivate init(_ overview: SessionOverview) {
        self.init(
            requestId: overview.session.id.description,
            userEmail: overview.details.email ?? overview.session.user.text,
            sessionName: overview.details.sessionName,
            ipAddress: overview.details.ipAddress,
            userAgent: overview.details.userAgent,
            isActive: overview.end == nil,
            createdAt: overview.session.createdAt.wire,
            lastActivity: overview.lastActivity.wire
        )
    }
}
