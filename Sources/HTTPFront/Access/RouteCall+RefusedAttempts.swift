import GatewayAPI
import HTTPTypes
import Hummingbird
import ServiceKeys
import SessionAuthentication
import SessionCore
import SessionGateway

extension Route {
    /// Whether attempts that are refused go into the audit log: those to change something, and any at an
    /// administrator's call. Checks are refused all the time.
    var recordsRefusals: Bool {
        switch self.caller {
        case .anyone: false
        case .session, .service, .client: !self.isSafe && !self.isQuestion
        case .administrator, .organizationAdministrator, .observer: true
        }
    }

    /// Whether a problem is a refusal of the caller, and not of what was asked for.
    fileprivate func isRefusal(_ problem: Problem, reach: AdministratorReach?) -> Bool {
        switch problem.status {
        case .unauthorized, .forbidden: true
        case .conflict: problem.code == .problem(.useLogout)
        // Somebody else's session and one that never was look alike to a user, who has no business with either; so do
        // another organization's to the administrators of one.
        case .notFound: (self.caller == .session || reach.isBounded) && !self.pathParameters.isEmpty
        default: false
        }
    }
}

extension AdministratorReach? {
    /// Whether it is that of one organization.
    fileprivate var isBounded: Bool { if case .organization = self { true } else { false } }
}

extension RouteCall {
    /// Puts the call on record if it was refused. Nothing waits for it. Of the request only the route, the ids of
    /// sessions and the address go there: whatever else a stranger sends may be a token.
    func noteRefusal(_ error: any Error) {
        guard self.route.recordsRefusals, let problem = Problem(mapping: error),
            self.route.isRefusal(problem, reach: self.front.reach(of: self.caller))
        else {
            return
        }
        let own = self.caller.session
        let named = self.route.path.contains("/users/") ? nil : self.context.parameters.get("id")
        self.gateway.recordRefusal(
            RefusedAttempt(
                call: self.route.methodAndPath,
                code: problem.code.text,
                actor: self.caller.actor,
                user: own?.user.text,
                organization: own?.organization,
                session: named.flatMap { SessionID($0) } ?? own?.id ?? self.presentedSession,
                from: self.clientAddress
            )
        )
    }

    /// Puts a login on record that was refused for its user's limit.
    func noteLimit(_ new: NewSession) {
        self.gateway.recordRefusal(
            RefusedAttempt(
                call: self.route.methodAndPath,
                code: ProblemCode.limitReached.rawValue,
                actor: self.caller.actor,
                user: new.user.text,
                organization: new.organization,
                from: new.details.ipAddress ?? self.clientAddress
            )
        )
    }

    /// The session of the token that came with the request, alive or not; `nil` when the token is none of ours.
    private var presentedSession: SessionID? {
        guard
            case .one(let token, _) = PresentedToken(
                self.request.headers,
                cookie: self.front.configuration.cookie
            )
        else { return nil }
        return self.gateway.genuineSession(token)
    }
}
