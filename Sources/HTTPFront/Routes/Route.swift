package import HTTPTypes
import Hummingbird
import SessionCore

/// One row of the route table.
package struct Route: Sendable {
    /// Which methods a route takes.
    package enum Method: Sendable, Equatable {
        /// Every method.
        case any
        /// One; `GET` takes `HEAD` as well.
        case one(HTTPRequest.Method)
    }

    package let method: Method
    /// The path; a part in braces stands for any one segment, `{name*}` at the end for all that follows.
    package let path: String
    /// Who may call it.
    package let caller: RequiredCaller
    /// One line for the documentation.
    package let summary: String
    /// Whether it only asks, though its method is one for changes because a token is in the body.
    let isQuestion: Bool
    let handle: @Sendable (RouteCall) async throws -> Response

    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ caller: RequiredCaller,
        _ summary: String,
        isQuestion: Bool = false,
        handle: @escaping @Sendable (RouteCall) async throws -> Response
    ) {
        self.init(
            method: .one(method),
            path: path,
            caller: caller,
            summary: summary,
            isQuestion: isQuestion,
            handle: handle
        )
    }

    init(
        method: Method,
        path: String,
        caller: RequiredCaller,
        summary: String,
        isQuestion: Bool = false,
        handle: @escaping @Sendable (RouteCall) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.caller = caller
        self.summary = summary
        self.isQuestion = isQuestion
        self.handle = handle
    }

    /// Whether a request's path is one of this route's.
    func matches(path: String) -> Bool {
        let pattern = self.path.split(separator: "/")
        let segments = path.split(separator: "/")
        let takesRest = pattern.last?.hasSuffix("*}") ?? false
        return (takesRest ? pattern.count - 1 <= segments.count : pattern.count == segments.count)
            && zip(pattern, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}

/// The table of all routes: they are registered, and described, from here.
package enum Routes {
    /// Every route.
    package static let all: [Route] =
        check + sessions + ownSessions + csrf + jwt + oauth + administration + nodes + settings + userRequests
        + audit + activity + statistics + events + operations

    /// Registers the table.
    static func register(_ routes: [Route], on router: Router<FrontContext>, front: Front) {
        for route in routes {
            let path = RouterPath(
                route.path.split(separator: "/").map { part in
                    part.hasSuffix("*}")
                        ? "/**" : "/" + part.replacing("{", with: ":").replacing("}", with: "")
                }.joined()
            )
            let methods: [HTTPRequest.Method]
            switch route.method {
            case .any: methods = [.get, .head, .post, .put, .patch, .delete, .options]
            case .one(let method): methods = [method]
            }
            for method in methods {
                router.on(path, method: method) { request, context in
                    try await front.run(route, request, context)
                }
            }
        }
    }
}

extension Front {
    /// Runs a route for a request.
    func run(_ route: Route, _ request: Request, _ context: FrontContext) async throws -> Response {
        var caller = Caller.anonymous
        do {
            caller = try await self.authorize(request, as: route.caller, seen: &caller)
            if let known = route.knownParameters { _ = try Query(request.uri.query, allowed: known) }
            return try await route.handle(
                RouteCall(request: request, context: context, caller: caller, front: self)
            )
        } catch {
            let call = RouteCall(request: request, context: context, caller: caller, front: self)
            call.noteRefusal(by: route, error)
            throw error
        }
    }

    /// Answers a request for which the router found nothing: 404, 405, or the route for every method.
    func runUnrouted(_ routes: [Route], _ request: Request, _ context: FrontContext) async throws -> Response
    {
        // As the router does, a literal segment goes before a parameter: `/api/sessions/check` is no session.
        let possible = routes.filter { $0.matches(path: request.uri.path) }
        let fewest = possible.map(\.pathParameters.count).min()
        let matching = possible.filter { $0.pathParameters.count == fewest }
        var allowed: [String] = []
        for route in matching {
            switch route.method {
            case .any: return try await self.run(route, request, context)
            case .one(let method):
                allowed.append(method.rawValue)
                if method == .get { allowed.append("HEAD") }
            }
        }
        throw allowed.isEmpty ? Problem.notFound : Problem.methodNotAllowed(allowed)
    }
}
