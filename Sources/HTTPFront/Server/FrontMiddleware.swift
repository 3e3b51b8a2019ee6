import HTTPTypes
import Hummingbird
import Logging
import Metrics
import NIOCore
import NIOHTTP1
import SessionAuthentication

/// Around every route: errors become problems, every answer gets the security headers, and is counted.
struct FrontMiddleware: RouterMiddleware {
    typealias Context = FrontContext

    let front: Front
    let routes: [Route]
    private let cors: CORS

    init(front: Front, routes: [Route]) {
        self.front = front
        self.routes = routes
        self.cors = CORS(front, routes)
    }

    func handle(
        _ request: Request,
        context: FrontContext,
        next: (Request, FrontContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response: Response
        do {
            if let preflight = self.cors.preflight(request) {
                response = preflight
            } else {
                response = try await self.answer(request, context: context, next: next)
            }
        } catch let error as HTTPParserError {
            // Hummingbird answers and closes, ConnectionObserver says why: what follows cannot be understood.
            throw error
        } catch {
            response = self.problem(error, context).response()
        }
        if request.uri.path != "/check" {
            self.cors.share(request, &response.headers)
            self.secure(&response.headers)
        }
        if request.method == .head { response = response.createHeadResponse() }
        self.front.metrics.observe(
            route: context.endpointPath ?? "none",
            status: response.status.code,
            duration: ContinuousClock.now - start
        )
        return response
    }

    private func answer(
        _ request: Request,
        context: FrontContext,
        next: (Request, FrontContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            return try await self.front.runUnrouted(self.routes, request, context)
        }
    }

    private func problem(_ error: any Error, _ context: FrontContext) -> Problem {
        if let problem = Problem(mapping: error) { return problem }
        switch error {
        case is CancellationError, is ChannelError, is IOError:
            // The client is gone.
            context.logger.debug("Request broken off", metadata: ["error": "\(type(of: error))"])
        default:
            // The error may hold what the client sent, and that may be a token: its type says enough.
            context.logger.error(
                "Request failed",
                metadata: ["error": "\(type(of: error))", "route": "\(context.endpointPath ?? "none")"]
            )
        }
        return .internalError
    }

    /// Puts in what a route has not set itself.
    private func secure(_ headers: inout HTTPFields) {
        func set(_ name: HTTPField.Name?, _ value: String) {
            guard let name, !headers.contains(name) else { return }
            headers[name] = value
        }
        set(.cacheControl, "no-store")
        set(.xContentTypeOptions, "nosniff")
        set(HTTPField.Name("X-Frame-Options"), "DENY")
        set(HTTPField.Name("Referrer-Policy"), "no-referrer")
        set(.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
        set(HTTPField.Name("Cross-Origin-Resource-Policy"), "same-origin")
        set(HTTPField.Name("Cross-Origin-Opener-Policy"), "same-origin")
        if self.front.configuration.cookie.isSecure {
            set(.strictTransportSecurity, "max-age=31536000; includeSubDomains")
        }
    }
}
