import GatewayAPI
import HTTPTypes
import Hummingbird
import SessionAuthentication
import SessionCore

extension Routes {
    /// What browsers need to make changes.
    static let csrf: [Route] = [
        Route(
            .get,
            "/api/auth/csrf",
            .session,
            id: "getCsrfToken",
            "A token for X-CSRF-Token, which changes with a cookie need where a browser does not say where they come from.",
            answers: [.answer(200, "The token.", .json(CSRFTokenJSON.self), headers: ["Set-Cookie?"])],
            handle: giveCSRFToken
        )
    ]

    private static func giveCSRFToken(_ call: RouteCall) async throws -> Response {
        let token = CSRFToken(of: try call.ownSession().id, call.front)
        var response = Response.json(CSRFTokenJSON(csrfToken: token.text))
        if case .session(_, _, .cookie) = call.caller {
            response.headers.append(HTTPField(name: .setCookie, value: call.front.csrfCookie(token)))
        }
        return response
    }
}
