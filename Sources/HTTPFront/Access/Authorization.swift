import GatewayAPI
import HTTPTypes
import Hummingbird
import ServiceKeys
import SessionAuthentication
import SessionCore
import SessionGateway

extension Front {
    /// Finds out who calls and whether they may.
    /// - Parameter seen: who calls, also when they may not.
    /// - Throws: ``Problem`` 400, 401, 403 or 503.
    func authorize(
        _ request: Request,
        as required: RequiredCaller,
        seen: inout Caller
    ) async throws(Problem) -> Caller {
        switch required {
        case .anyone, .client: return .anonymous
        case .session: return try await self.sessionCaller(request)
        case .service(let scope):
            guard let key = try self.serviceKey(of: request) else {
                throw Problem(
                    .unauthorized,
                    .unauthenticated,
                    "Service key required",
                    headers: [.wwwAuthenticate: #"Bearer realm="portcullis""#]
                )
            }
            seen = .service(key)
            try Self.require(scope, of: key)
            return .service(key)
        case .administrator, .organizationAdministrator:
            return try await self.administrator(request, as: required, seen: &seen)
        case .observer(let scope):
            guard let key = try self.serviceKey(of: request) else {
                return try await self.administrator(request, as: .administrator, seen: &seen)
            }
            seen = .service(key)
            try Self.require(scope, of: key)
            return .service(key)
        }
    }

    private func administrator(
        _ request: Request,
        as required: RequiredCaller,
        seen: inout Caller
    ) async throws(Problem) -> Caller {
        if let key = try self.serviceKey(of: request) {
            seen = .service(key)
            // A key that administers nothing at all is told of the scope that it lacks.
            if self.reach(of: seen) == nil { try Self.require(.admin, of: key) }
        } else {
            seen = try await self.sessionCaller(request)
        }
        switch (required, self.reach(of: seen)) {
        case (_, .everything), (.organizationAdministrator, .organization): return seen
        case (_, .organization):
            throw Problem(.forbidden, .forbidden, "Not for administrators of an organization")
        case (_, nil): throw Problem(.forbidden, .forbidden, "Administrators only")
        }
    }

    /// What a caller administers; `nil` for one who is no administrator.
    func reach(of caller: Caller) -> AdministratorReach? {
        switch caller {
        case .anonymous: return nil
        case .service(let key):
            guard key.scopes.contains(.admin) else { return nil }
            return key.organization.map { .organization($0) } ?? .everything
        case .session(let session, _, _):
            if session.roles.contains(self.configuration.administratorRole) { return .everything }
            guard session.roles.contains(self.configuration.organizationAdministratorRole) else { return nil }
            return session.organization.map { .organization($0) }
        }
    }

    private static func require(_ scope: ServiceScope, of key: ServiceKey) throws(Problem) {
        guard key.allows(scope) else {
            throw Problem(
                .forbidden,
                .insufficientScope,
                "The service key lacks the scope \(scope.rawValue)",
                headers: [
                    .wwwAuthenticate:
                        #"Bearer realm="portcullis", error="insufficient_scope", scope="\#(scope.rawValue)""#
                ]
            )
        }
    }

    /// The key in `X-Service-Key` or `Authorization: Bearer pk_…`; `nil` when there is none.
    private func serviceKey(of request: Request) throws(Problem) -> ServiceKey? {
        var presented = HTTPField.Name("X-Service-Key").map { request.headers[values: $0] } ?? []
        presented += request.headers[values: .authorization].compactMap { PresentedToken.bearer($0) }
            .filter { ServiceKeyRing.isServiceKey($0) }
        guard let text = presented.first else { return nil }
        guard presented.count == 1 else {
            throw Problem(.badRequest, .ambiguousKey, "More than one service key")
        }
        guard let key = self.serviceKeys.verify(text) else {
            throw Problem(
                .unauthorized,
                .invalidKey,
                "Invalid service key",
                headers: [.wwwAuthenticate: #"Bearer realm="portcullis", error="invalid_token""#]
            )
        }
        return key
    }

    private func sessionCaller(_ request: Request) async throws(Problem) -> Caller {
        let text: String
        let transport: TokenTransport
        switch PresentedToken(request.headers, cookie: self.configuration.cookie) {
        case .none: throw Problem(.unauthenticated)
        case .ambiguous: throw Problem(.ambiguous)
        case .one(let token, let kind): (text, transport) = (token, kind)
        }
        // Before the check, which counts as activity: a forged request must not keep a session alive.
        if transport == .cookie { try self.refuseForgery(request, token: text) }
        switch await self.gateway.check(text).kind {
        case .active(let cached): return .session(cached.session, token: text, transport: transport)
        case .refused(let refusal): throw Problem(CheckDenial(refusal))
        case .unavailable: throw Problem(.unavailable)
        }
    }
}
