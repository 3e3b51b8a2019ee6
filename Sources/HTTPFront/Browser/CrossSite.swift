import GatewayAPI
import HTTPTypes
import Hummingbird
import SessionAuthentication
import SessionCore
import SessionGateway

extension Front {
    /// Where a request comes from, as far as it says so.
    private enum Source {
        /// A page of ours, of an allowed origin, or the user.
        case trusted
        /// Another site's page, or something that contradicts itself.
        case foreign
        /// Neither `Sec-Fetch-Site` nor `Origin`: an old browser, or a program.
        case unknown
    }

    /// Refuses a request that carries the session's cookie, would change something, and may be another site's doing
    /// (ASVS 3.5.1): browsers add the cookie by themselves.
    ///
    /// Browsers say in `Sec-Fetch-Site` and `Origin` where a request comes from, and pages cannot forge either. Where
    /// neither is there, the double-submit token of ``CSRFToken`` has to be.
    /// - Throws: ``Problem`` 403.
    func refuseForgery(_ request: Request, token: String) throws(Problem) {
        switch request.method {
        case .get, .head, .options, .trace: return
        default: break
        }
        switch self.source(of: request) {
        case .trusted: return
        case .foreign: throw .csrf
        case .unknown:
            // A token that is none gets its 401 from the check.
            guard let session = self.gateway.genuineSession(token) else { return }
            guard self.hasCSRFToken(request, of: session) else { throw .csrfTokenRequired }
        }
    }

    private func source(of request: Request) -> Source {
        let sites = HTTPField.Name("Sec-Fetch-Site").map { request.headers[values: $0] } ?? []
        let origins = request.headers[values: .origin]
        guard sites.count <= 1, origins.count <= 1 else { return .foreign }
        let isAllowed = origins.first.map { self.configuration.allowedOrigins.contains($0) } ?? false
        switch sites.first {
        case nil:
            guard let origin = origins.first else { return .unknown }
            return isAllowed || self.isOwn(origin: origin, host: request.head.authority) ? .trusted : .foreign
        case "same-origin", "none":
            guard let origin = origins.first else { return .trusted }
            return isAllowed || self.isOwn(origin: origin, host: request.head.authority) ? .trusted : .foreign
        case "same-site", "cross-site": return isAllowed ? .trusted : .foreign
        default: return .foreign
        }
    }

    private func isOwn(origin: String, host: String?) -> Bool {
        guard let host = host?.lowercased() else { return false }
        let origin = origin.lowercased()
        for (scheme, port) in [("https://", ":443"), ("http://", ":80")] where origin.hasPrefix(scheme) {
            if scheme == "http://", self.configuration.cookie.isSecure { return false }
            let bare = host.hasSuffix(port) ? String(host.dropLast(port.count)) : host
            return origin.dropFirst(scheme.count) == bare
        }
        return false
    }
}

extension Problem {
    static let csrfTokenRequired = Problem(
        .forbidden,
        .csrfTokenRequired,
        "Send the token of GET /api/auth/csrf in X-CSRF-Token"
    )
}
