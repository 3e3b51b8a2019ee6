import HTTPTypes
import Hummingbird

/// The table of all routes. The router, the OpenAPI document and the API reference are made from it.
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
        var call = RouteCall(request: request, context: context, route: route, front: self)
        do {
            call.caller = try await self.authorize(request, as: route.caller, seen: &call.caller)
            if route.examinesQuery { _ = try call.query }
            return try await route.handle(call)
        } catch {
            call.noteRefusal(error)
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
