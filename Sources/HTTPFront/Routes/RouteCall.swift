import HTTPTypes
import Hummingbird
import SessionAuthentication
import SessionCore
import SessionGateway

/// A request on its way through a route.
package struct RouteCall: Sendable {
    let request: Request
    let context: FrontContext
    let route: Route
    let front: Front
    /// Who calls; nobody until that is known.
    var caller = Caller.anonymous
    private let parsedQuery: Result<Query, Problem>

    init(request: Request, context: FrontContext, route: Route, front: Front) {
        self.request = request
        self.context = context
        self.route = route
        self.front = front
        self.parsedQuery = Result { () throws(Problem) in
            try Query(request.uri.query, allowed: route.queryNames)
        }
    }

    var gateway: SessionGateway { self.front.gateway }

    /// The session id in the path. One that is not even an id names nothing: 404.
    func sessionID() throws(Problem) -> SessionID {
        guard let id = self.context.parameters.get("id").flatMap({ SessionID($0) }) else { throw .notFound }
        return id
    }

    /// The user id in the path.
    func userID() throws -> UserID {
        guard let text = self.context.parameters.get("id"),
            let decoded = Query.decode(text.utf8, plusIsSpace: false)
        else { throw Problem.notFound }
        return try UserID(decoded)
    }

    /// The query, which has been parsed by the route's parameters.
    /// - Throws: ``Problem`` 400 that names the parameter; only where ``Route/examinesQuery`` does not hold, for the
    ///   handlers of other routes are not called then.
    var query: Query {
        get throws(Problem) { try self.parsedQuery.get() }
    }

    /// The caller's own session. Routes that need one are called only with one.
    func ownSession() throws(Problem) -> LiveSession {
        guard let session = self.caller.session else { throw Problem(.unauthenticated) }
        return session
    }

    /// An order to end sessions in the caller's name.
    func ending(_ kind: EndKind, _ query: Query) throws -> Ending {
        let reason = try query["reason"].map { try InputRules.text($0, field: "reason", bytes: 1...256) }
        return self.ending(kind, reason: reason)
    }

    /// An order to end sessions in the caller's name, from the caller's address.
    func ending(_ kind: EndKind, reason: String? = nil) -> Ending {
        Ending(kind, by: self.caller.actor, reason: reason, from: self.clientAddress)
    }
}
