import GatewayAPI
import HTTPTypes
import Hummingbird
import SessionAuthentication
import SessionCore
import SessionGateway

extension Routes {
    /// What users do with their own sessions.
    static let ownSessions: [Route] = [
        Route(
            .post,
            "/api/auth/logout",
            .session,
            id: "logOut",
            "End the session asked with.",
            answers: [.receiptAndFarewell],
            handle: logout
        ),
        Route(
            .get,
            "/api/auth/session",
            .session,
            id: "getCurrentSession",
            "The session asked with.",
            answers: [.answer(200, "The session.", .json(SessionJSON.self), headers: ["X-Session-Rotate?"])],
            handle: current
        ),
        Route(
            .post,
            "/api/auth/session/rotate",
            .session,
            id: "rotateCurrentSession",
            "Replace the token asked with; in cookie mode the new one comes as a cookie.",
            parameters: [.query("ifDue", .boolean.note("Only when the rotation interval is over."))],
            answers: [
                .answer(200, "The next token.", .json(RotatedSessionJSON.self), headers: ["Set-Cookie?"])
            ],
            handle: rotateOwn
        ),
        Route(
            .get,
            "/api/auth/sessions",
            .session,
            id: "listOwnSessions",
            "The user's own sessions.",
            parameters: .page + .filter,
            answers: [.sessionPage],
            handle: list
        ),
        Route(
            .delete,
            "/api/auth/sessions/others",
            .session,
            id: "endOtherOwnSessions",
            "End all of the user's sessions but the one asked with.",
            answers: [.receipt],
            handle: endOthers
        ),
        Route(
            .delete,
            "/api/auth/sessions",
            .session,
            id: "endAllOwnSessions",
            "End all of the user's sessions.",
            answers: [.receiptAndFarewell],
            handle: endAll
        ),
        Route(
            .delete,
            "/api/auth/sessions/{id}",
            .session,
            id: "endOwnSession",
            "End one of the user's other sessions.",
            answers: [.receipt],
            problems: [409],
            handle: endOne
        ),
    ]

    private static func logout(_ call: RouteCall) async throws -> Response {
        let session = try call.ownSession()
        let ending = call.ending(.loggedOut)
        let receipt = try await call.gateway.end(session.id, ending, onlyOf: session.user)
        return withoutCookie(.json(ReceiptJSON(receipt)), call)
    }

    private static func current(_ call: RouteCall) async throws -> Response {
        guard case .session(let session, let token, _) = call.caller else { throw Problem(.unauthenticated) }
        guard let overview = try await call.gateway.session(session.id) else { throw Problem(.expired) }
        var json = SessionJSON(overview, current: session.id)
        let state = try await call.gateway.rotationState(of: token)
        switch state {
        case .off: break
        case .fresh(let until): json.rotateAt = until.wire
        case .due: json.rotateAt = call.gateway.now?.wire
        }
        var response = Response.json(json)
        // Reading changes nothing, so the caller is told to rotate, and does so with a POST.
        if state == .due, let name = HTTPField.Name("X-Session-Rotate") { response.headers[name] = "due" }
        return response
    }

    private static func rotateOwn(_ call: RouteCall) async throws -> Response {
        guard case .session(let present, let token, let transport) = call.caller else {
            throw Problem(.unauthenticated)
        }
        if try call.query.flag("ifDue"), try await call.gateway.rotationState(of: token) != .due {
            return .json(RotatedSessionJSON(notDue: present))
        }
        let rotated = try await call.gateway.rotate(
            token,
            by: call.caller.actor,
            from: call.clientAddress,
            isSpaced: true
        )
        guard rotated.isRotated else { return .json(RotatedSessionJSON(notDue: rotated.session)) }
        let isCookie = transport == .cookie
        var response = Response.json(
            RotatedSessionJSON(
                // In cookie mode no script is to see the token.
                token: isCookie ? nil : rotated.token.text,
                session: SessionJSON(rotated.session),
                repeated: rotated.isRepeat
            )
        )
        if isCookie {
            let session = rotated.session
            // Counted from the login, the cookie may outlive the session, never the other way round.
            let lifetime = session.absoluteDeadline - session.createdAt
            response.headers[.setCookie] = call.front.configuration.cookie.setting(
                token: rotated.token.text,
                lifetime: session.isRemembered ? lifetime : nil
            )
        }
        return response
    }

    private static func list(_ call: RouteCall) async throws -> Response {
        .json(try await call.sessionPage(of: try call.ownSession().user, within: .everything))
    }

    private static func endOne(_ call: RouteCall) async throws -> Response {
        let session = try call.ownSession()
        let id = try call.sessionID()
        guard id != session.id else {
            throw Problem(.conflict, .useLogout, "This is the current session; log out instead")
        }
        let ending = call.ending(.revoked)
        // Somebody else's session and one that never was look alike.
        let receipt = try await call.gateway.end(id, ending, onlyOf: session.user)
        return .json(ReceiptJSON(receipt))
    }

    private static func endOthers(_ call: RouteCall) async throws -> Response {
        let session = try call.ownSession()
        let ending = call.ending(.revoked)
        return .json(
            ReceiptJSON(try await call.gateway.endAll(of: session.user, except: session.id, ending))
        )
    }

    private static func endAll(_ call: RouteCall) async throws -> Response {
        let session = try call.ownSession()
        let ending = call.ending(.revoked)
        let receipt = try await call.gateway.endAll(of: session.user, ending)
        return withoutCookie(.json(ReceiptJSON(receipt)), call)
    }

    /// Tells a browser to forget the token.
    private static func withoutCookie(_ response: Response, _ call: RouteCall) -> Response {
        guard case .session(_, _, .cookie) = call.caller else { return response }
        var response = response
        response.headers[.setCookie] = call.front.configuration.cookie.clearing
        if let clearing = call.front.clearingCSRFCookie(call.request) {
            response.headers.append(HTTPField(name: .setCookie, value: clearing))
        }
        if let name = HTTPField.Name("Clear-Site-Data") {
            response.headers[name] = #""cache", "cookies", "storage""#
        }
        return response
    }
}
