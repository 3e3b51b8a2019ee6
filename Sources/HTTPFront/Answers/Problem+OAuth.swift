import GatewayAPI
import HTTPTypes
import Hummingbird

extension Problem {
    /// An error of the OAuth endpoints (RFC 6749 5.2, RFC 7009 2.2.1).
    static func oauth(
        _ status: HTTPResponse.Status,
        _ code: OAuthErrorCode,
        _ description: String,
        headers: HTTPFields = [:]
    ) -> Problem {
        Problem(status, .oauth(code), description, headers: headers)
    }

    /// 400: a parameter is missing, wrong, or there twice; or there is more than one way of authentication.
    static func invalidRequest(_ description: String) -> Problem {
        .oauth(.badRequest, .invalidRequest, description)
    }

    /// 401, with a challenge in the scheme that the client used (RFC 6749 5.2).
    static func invalidClient(_ description: String, challenge: String) -> Problem {
        .oauth(.unauthorized, .invalidClient, description, headers: [.wwwAuthenticate: challenge])
    }

    /// This problem as a client of the OAuth endpoints is told it.
    var asOAuth: Problem {
        guard case .problem = self.code else { return self }
        var problem = self
        switch self.status.kind {
        case .serverError:
            problem.code = .oauth(self.status == .serviceUnavailable ? .temporarilyUnavailable : .serverError)
        default: problem.code = .oauth(.invalidRequest)
        }
        return problem
    }

    func oauthResponse(_ code: OAuthErrorCode) -> Response {
        var response = Response.json(
            OAuthErrorJSON(error: code.rawValue, description: self.error),
            status: self.status
        )
        for field in self.headers where field.name != .contentType {
            response.headers[field.name] = field.value
        }
        return response
    }
}
