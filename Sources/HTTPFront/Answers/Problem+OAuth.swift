import GatewayAPI
import HTTPTypes
import Hummingbird

extension Problem {
    /// An error of the OAuth endpoints (RFC 6749 5.2, RFC 7009 2.2.1).
    static func oauth(
        _ status: HTTPResponse.Status,
        _ code: String,
        _ description: String,
        headers: HTTPFields = [:]
    ) -> Problem {
        var problem = Problem(status, code, description, headers: headers)
        problem.isOAuth = true
        return problem
    }

    /// 400: a parameter is missing, wrong, or there twice; or there is more than one way of authentication.
    static func invalidRequest(_ description: String) -> Problem {
        .oauth(.badRequest, "invalid_request", description)
    }

    /// 401, with a challenge in the scheme that the client used (RFC 6749 5.2).
    static func invalidClient(_ description: String, challenge: String) -> Problem {
        .oauth(.unauthorized, "invalid_client", description, headers: [.wwwAuthenticate: challenge])
    }

    /// This problem as a client of the OAuth endpoints is told it.
    var asOAuth: Problem {
        guard !self.isOAuth else { return self }
        var problem = self
        problem.isOAuth = true
        switch self.status.kind {
        case .serverError:
            problem.code = self.status == .serviceUnavailable ? "temporarily_unavailable" : "server_error"
        default: problem.code = "invalid_request"
        }
        return problem
    }

    func oauthResponse() -> Response {
        var response = Response.json(
            OAuthErrorJSON(error: self.code, description: self.error),
            status: self.status
        )
        for field in self.headers where field.name != .contentType {
            response.headers[field.name] = field.value
        }
        return response
    }
}
