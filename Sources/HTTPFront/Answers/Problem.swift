import GatewayAPI
package import HTTPTypes
package import Hummingbird
import NIOCore
import NIOHTTP1
package import SessionAuthentication
import SessionCore
import SessionGateway

/// An error as clients see it: RFC 9457 problem details with a stable `code` and a sentence.
package struct Problem: Error, Sendable {
    package var status: HTTPResponse.Status
    /// Stable, for programs.
    package var code: String
    /// A sentence, for people.
    package var error: String
    /// The field or parameter that is wrong.
    package var field: String?
    package var headers: HTTPFields = [:]
    /// Told as RFC 6749 5.2 has it, with the code as `error`.
    var isOAuth = false

    package init(
        _ status: HTTPResponse.Status,
        _ code: String,
        _ error: String,
        field: String? = nil,
        headers: HTTPFields = [:]
    ) {
        self.status = status
        self.code = code
        self.error = error
        self.field = field
        self.headers = headers
    }

    /// What a denied check says.
    package init(_ denial: CheckDenial) {
        self.init(denial.status, denial.code, denial.error, headers: denial.headers)
    }

    /// What stands in the answer.
    var json: ProblemJSON {
        ProblemJSON(
            title: self.status.reasonPhrase,
            status: self.status.code,
            code: self.code,
            error: self.error,
            field: self.field
        )
    }

    /// The answer.
    package func response() -> Response {
        if self.isOAuth { return self.oauthResponse() }
        var response = Response.json(self.json, status: self.status)
        for field in self.headers { response.headers[field.name] = field.value }
        response.headers[.contentType] = "application/problem+json"
        return response
    }
}

extension Problem {
    static let notFound = Problem(.notFound, "not_found", "Not found")
    static let unreadable = Problem(.badRequest, "bad_request", "The request cannot be read as HTTP/1.1")
    static let headersTooLarge = Problem(
        .requestHeaderFieldsTooLarge,
        "headers_too_large",
        "The request's headers are too large"
    )
    static let internalError = Problem(.internalServerError, "internal", "Internal error")
    static let csrf = Problem(.forbidden, "csrf", "Cross-site request refused")
    static let tooLarge = Problem(.contentTooLarge, "too_large", "Request body too large")

    /// 400 for a query parameter or header.
    static func badParameter(_ name: String, _ reason: String) -> Problem {
        Problem(.badRequest, "invalid_parameter", "\(name): \(reason)", field: name)
    }

    /// 422 for a field of a body.
    static func badField(_ name: String, _ reason: String) -> Problem {
        Problem(.unprocessableContent, "invalid_field", "\(name): \(reason)", field: name)
    }

    /// The name of something unknown, as an answer may repeat it: a long one may be a token in the wrong place, and
    /// answers are kept in logs and screenshots.
    static func repeatable(_ name: String) -> String {
        name.utf8.count <= 32 ? name : "(a name of \(name.utf8.count) bytes)"
    }

    /// What was read has been changed meanwhile: 412 where the request gave the version as its condition (RFC 9110
    /// 13.1.1), 409 where it stood in the body.
    static func versionConflict(_ status: HTTPResponse.Status, present: Int) -> Problem {
        Problem(
            status,
            "version_conflict",
            "Changed meanwhile; the version is \(present)",
            headers: [.eTag: "\"\(present)\""]
        )
    }

    static func methodNotAllowed(_ methods: [String]) -> Problem {
        Problem(
            .methodNotAllowed,
            "method_not_allowed",
            "Method not allowed",
            headers: [.allow: methods.joined(separator: ", ")]
        )
    }

    /// What an error means to the client: the only place where errors become statuses. `nil` for one that says
    /// nothing to clients; it is logged and answered as ``internalError``.
    package init?(mapping error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let input as InputError: self = .badField(input.field, input.reason)
        case let gateway as GatewayError: self.init(gateway)
        case is NIOTooManyBytesError: self = .tooLarge
        case HTTPParserError.headerOverflow: self = .headersTooLarge
        case is HTTPParserError: self = .unreadable
        case let error as HTTPError where error.status == .notFound: self = .notFound
        default: return nil
        }
    }

    private init(_ error: GatewayError) {
        switch error {
        case .invalid(let input): self = .badField(input.field, input.reason)
        case .refused(let refusal): self.init(CheckDenial(refusal))
        case .notFound: self = .notFound
        case .limitReached(let limit):
            self.init(.conflict, "limit_reached", "The user has \(limit) sessions, the most allowed")
        case .conflict(let present): self = .versionConflict(.preconditionFailed, present: present)
        case .unavailable: self.init(CheckDenial.unavailable)
        case .unconfirmed:
            self.init(
                .serviceUnavailable,
                "revocation_unconfirmed",
                "The revocation was not confirmed by all nodes; repeat it",
                headers: [.retryAfter: "1"]
            )
        case .interrupted(let ended):
            self.init(
                .serviceUnavailable,
                "revocation_incomplete",
                "The revocation broke off after \(ended) sessions had ended; repeat it",
                headers: [.retryAfter: "1"]
            )
        }
    }
}
