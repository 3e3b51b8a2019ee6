import HTTPTypes
import Hummingbird

/// The table of all routes. The router, the OpenAPI document and the API reference are made from it.
package enum Routes {
    /// A part of the table under a title.
    struct Section: Sendable {
        let title: String
        let note: String
        let routes: [Route]

        init(_ title: String, _ note: String, _ routes: [Route]) {
            self.title = title
            self.note = note
            self.routes = routes
        }
    }

    /// The table, a room a section.
    static let sections = [
        Section("Check", "Is this token good, and whose is it?", check),
        Section("Sessions", "What applications do with sessions.", sessions),
        Section("Own sessions", "What users do with their own sessions.", ownSessions),
        Section("CSRF token", "What browsers need to make changes with a cookie.", csrf),
        Section("JWT", "Short-lived JWTs of sessions, where JWT mode is on.", jwt),
        Section("OAuth", "Introspection and revocation as OAuth clients know them.", oauth),
        Section("Administration", "What administrators see and end.", administration),
        Section("Node", "The nodes of the installation.", nodes),
        Section("Settings", "Timeouts and limits that are changed at run time.", settings),
        Section("User requests", "The administrators' list in the shape of \"user requests\".", userRequests),
        Section("Audit", "What has happened, in a hash-chained log.", audit),
        Section("Activity", "Timelines of sessions.", activity),
        Section("Statistics", "Figures of the installation, and cleaning up.", statistics),
        Section("Events", "How others hear of what happens.", events),
        Section("Operations", "What operators and their monitors look at.", operations),
    ]

    /// Every route.
    package static let all: [Route] = Self.sections.flatMap(\.routes)

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
