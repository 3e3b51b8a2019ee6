import HTTPTypes
public import Hummingbird
import NIOCore
public import SessionCore
public import SessionGateway

/// A request context that can hold the session of its request.
public protocol SessionRequestContext: RequestContext {
    /// The session whose token came with the request; set by ``SessionAuthenticator``.
    var session: LiveSession? { get set }
}

/// Middleware that lets only requests with a good token through, in an app that embeds the gateway.
///
/// The token comes in the cookie or in `Authorization: Bearer`. Without a good one the answer is 401; two at
/// once are 400; while the session store cannot be asked it is 503, and nobody is logged out.
public struct SessionAuthenticator<Context: SessionRequestContext>: RouterMiddleware {
    private let gateway: SessionGateway
    private let cookie: SessionCookie

    /// - Parameters:
    ///   - gateway: asked for every request.
    ///   - cookie: which cookie carries the token.
    public init(gateway: SessionGateway, cookie: SessionCookie = SessionCookie()) {
        self.gateway = gateway
        self.cookie = cookie
    }

    public func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let text: String
        switch PresentedToken(request.headers, cookie: self.cookie) {
        case .none: return CheckDenial.unauthenticated.response(isHead: request.method == .head)
        case .ambiguous: return CheckDenial.ambiguous.response(isHead: request.method == .head)
        case .one(let token, _): text = token
        }
        switch await self.gateway.check(text).kind {
        case .active(let cached):
            var context = context
            context.session = cached.session
            return try await next(request, context)
        case .refused(let refusal):
            return CheckDenial(refusal).response(isHead: request.method == .head)
        case .unavailable:
            return CheckDenial.unavailable.response(isHead: request.method == .head)
        }
    }
}
