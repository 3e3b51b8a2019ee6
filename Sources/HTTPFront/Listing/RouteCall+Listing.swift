import GatewayAPI
import Hummingbird
import SessionCore
import SessionGateway

extension SessionPageJSON {
    /// A page on the wire.
    /// - Parameter current: the session that the caller asked with.
    init(_ page: SessionPage, of request: SessionListRequest, current: SessionID?) {
        self.init(
            sessions: page.sessions.map { SessionJSON($0, current: current) },
            total: page.total,
            offset: request.offset,
            limit: request.limit,
            nextCursor: page.next?.text,
            partial: page.isPartial
        )
    }
}

extension RouteCall {
    /// A page of the sessions that the query asks for.
    /// - Parameters:
    ///   - user: only this user's; the route takes no `userId` then.
    ///   - reach: only those that lie in it.
    func sessionPage(of user: UserID? = nil, within reach: AdministratorReach) async throws -> SessionPageJSON
    {
        let query = try self.query
        var filter = try query.sessionFilter()
        if let user { filter.user = user }
        let request = try query.listRequest(try reach.narrowed(filter))
        return SessionPageJSON(
            try await self.gateway.list(request),
            of: request,
            current: self.caller.session?.id
        )
    }
}
