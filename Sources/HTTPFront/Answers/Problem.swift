package import GatewayAPI
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
    package var code: Code
    /// A sentence, for people.
    package var error: String
    /// The field or parameter that is wrong.
    package var field: String?
    package var headers: HTTPFields = [:]

    /// A code of one of the two closed lists.
    package enum Code: Sendable, Equatable {
        case problem(ProblemCode)
        /// Told as RFC 6749 5.2 has it, with the code as `error`.
        case oauth(OAuthErrorCode)

        /// The code as it is written.
        package var text: String {
            switch self {
            case .problem(let code): code.rawValue
            case .oauth(let code): code.rawValue
            }
        }
    }

    package init(
        _ status: HTTPResponse.Status,
        _ code: ProblemCode,
        _ error: String,
        field: String? = nil,
        headers: HTTPFields = [:]
    ) {
        self.init(status, .problem(code), error, field: field, headers: headers)
    }

    init(
        _ status: HTTPResponse.Status,
        _ code: Code,
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
        self.init(denial.status, ProblemCode(denial), denial.error, headers: denial.headers)
    }

    /// What stands in the answer.
    var json: ProblemJSON {
        ProblemJSON(
            title: self.status.reasonPhrase,
            status: self.status.code,
            code: self.code.text,
            error: self.error,
            field: self.field
        )
    }

    /// The answer.
    package func response() -> Response {
        if case .oauth(let code) = self.code { return self.oauthResponse(code) }
        var response = Response.json(self.json, status: self.status)
        for field in self.headers { response.headers[field.name] = field.value }
        response.headers[.contentType] = "application/problem+json"
        return response
    }
}

extension Problem {
    static let notFound = Problem(.notFound, .notFound, "Not found")
    static let unreadable = Problem(.badRequest, .badRequest, "The request cannot be read as HTTP/1.1")
    static let headersTooLarge = Problem(
        .requestHeaderFieldsTooLarge,
        .headersTooLarge,
        "The request's headers are too large"
    )
    static let internalError = Problem(.internalServerError, .internalError, "Internal error")
    static let csrf = Problem(.forbidden, .csrf, "Cross-site request refused")
    static let tooLarge = Problem(.contentTooLarge, .tooLarge, "Request body too large")

    /// 400 for a query parameter or header.
    static func badParameter(_ name: String, _ reason: String) -> Problem {
        Problem(.badRequest, .invalidParameter, "\(name): \(reason)", field: name)
    }

    /// 422 for a field of a body.
    static func badField(_ name: String, _ reason: String) -> Problem {
        Problem(.unprocessableContent, .invalidField, "\(name): \(reason)", field: name)
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
            .versionConflict,
            "Changed meanwhile; the version is \(present)",
            headers: [.eTag: "\"\(present)\""]
        )
    }

    static func methodNotAllowed(_ methods: [String]) -> Problem {
        Problem(
            .methodNotAllowed,
            .methodNotAllowed,
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
        switch error.kind {
        case .invalid(let input): self = .badField(input.field, input.reason)
        case .refused(let refusal): self.init(CheckDenial(refusal))
        case .notFound: self = .notFound
        case .limitReached(let limit):
            self.init(.conflict, .limitReached, "The user has \(limit) sessions, the most allowed")
        case .conflict(let present): self = .versionConflict(.preconditionFailed, present: present)
        case .unavailable: self.init(CheckDenial.unavailable)
        case .unconfirmed:
            self.init(
                .serviceUnavailable,
                .revocationUnconfirmed,
                "The revocation was not confirmed by all nodes; repeat it",
                headers: [.retryAfter: "1"]
            )
        case .interrupted(let ended):
            self.init(
                .serviceUnavailable,
                .revocationIncomplete,
                "The revocation broke off after \(ended) sessions had ended; repeat it",
                headers: [.retryAfter: "1"]
            )
        }
    }
}

extension ProblemCode {
    /// The code of a denial; a test compares it with the one that the ready-made answers carry.
    init(_ denial: CheckDenial) {
        self =
            switch denial {
            case .unauthenticated: .unauthenticated
            case .ambiguous: .ambiguousToken
            case .invalid: .invalidSession
            case .expired: .sessionExpired
            case .unavailable: .unavailable
            }
    }
}
