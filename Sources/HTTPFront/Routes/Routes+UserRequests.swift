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
            .administrator,
            "All sessions, newest first, those that have ended included.",
            handle: listUserRequests
        ),
        Route(.delete, "/api/UserRequest/{id}", .administrator, "End a session.", handle: endUserRequest),
    ]

    /// As many sessions as one answer holds, unless told otherwise.
    private static let defaultCount = 1000
    /// The longest page that the gateway gives.
    private static let pageLength = 200

    private static func listUserRequests(_ call: RouteCall) async throws -> Response {
        let query = try call.query("limit", "offset")
        let limit = try query.integer("limit", in: 1...10_000, default: self.defaultCount)
        var wish = SessionListRequest()
        wish.filter.statuses = SessionFilter.everyStatus
        wish.offset = try query.integer("offset", in: 0...100_000, default: 0)
        var records: [UserRequestJSON] = []
        var total: Int?
        repeat {
            wish.limit = min(self.pageLength, limit - records.count)
            let page = try await call.gateway.list(wish)
            records += page.sessions.map { UserRequestJSON($0) }
            total = total ?? page.total
            wish.offset = 0
            wish.cursor = page.next
        } while wish.cursor != nil && records.count < limit
        var response = Response.json(records)
        if let total, let name = HTTPField.Name("X-Total-Count") { response.headers[name] = "\(total)" }
        return response
    }

    private static func endUserRequest(_ call: RouteCall) async throws -> Response {
        let id = try call.sessionID()
        _ = try call.query()
        return .json(ReceiptJSON(try await call.gateway.end(id, call.ending(.revoked))))
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
