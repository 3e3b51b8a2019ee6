import HTTPTypes
import Hummingbird

/// Cross-origin resource sharing (the Fetch standard) for pages of the allowed origins, with credentials, on the calls
/// that browsers make. Everybody else is answered without these headers, which makes browsers keep the answer from
/// the page (ASVS 3.4.2).
struct CORS: Sendable {
    /// Exactly as browsers send them: `https://app.example`.
    let allowedOrigins: Set<String>
    let routes: [Route]

    /// Seconds for which browsers may keep the answer to a preflight.
    private static let preflightAge = 600

    init(_ front: Front, _ routes: [Route]) {
        self.allowedOrigins = front.configuration.allowedOrigins
        self.routes = routes
    }

    /// The answer to a preflight from an allowed origin; `nil` for every other request.
    func preflight(_ request: Request) -> Response? {
        guard request.method == .options, let origin = self.origin(of: request),
            HTTPField.Name("Access-Control-Request-Method").map({ request.headers.contains($0) }) == true
        else { return nil }
        let methods = self.methods(of: request.uri.path)
        guard !methods.isEmpty else { return nil }
        var headers = HTTPFields()
        headers[.accessControlAllowOrigin] = origin
        headers[.accessControlAllowCredentials] = "true"
        headers[.accessControlAllowMethods] = methods.joined(separator: ", ")
        headers[.accessControlAllowHeaders] = "Authorization, Content-Type, X-CSRF-Token"
        headers[.accessControlMaxAge] = "\(Self.preflightAge)"
        headers[.vary] = "Origin, Access-Control-Request-Method"
        return Response(status: .noContent, headers: headers)
    }

    /// Lets a page of an allowed origin read the answer.
    func share(_ request: Request, _ headers: inout HTTPFields) {
        guard !self.allowedOrigins.isEmpty, !self.methods(of: request.uri.path).isEmpty else { return }
        // Also in answers to others: caches must not mix them up.
        if headers[.vary] == nil { headers[.vary] = "Origin" }
        guard let origin = self.origin(of: request) else { return }
        headers[.accessControlAllowOrigin] = origin
        headers[.accessControlAllowCredentials] = "true"
        headers[.accessControlExposeHeaders] = "ETag, Retry-After, X-Next-Cursor, X-Session-Rotate"
    }

    private func origin(of request: Request) -> String? {
        let origins = request.headers[values: .origin]
        guard origins.count == 1, let origin = origins.first, self.allowedOrigins.contains(origin) else {
            return nil
        }
        return origin
    }

    /// What browsers may call at a path.
    private func methods(of path: String) -> [String] {
        var methods: [String] = []
        for route in self.routes where route.matches(path: path) {
            guard route.caller == .session || route.caller == .administrator,
                case .one(let method) = route.method, !methods.contains(method.rawValue)
            else { continue }
            methods.append(method.rawValue)
        }
        return methods
    }
}
