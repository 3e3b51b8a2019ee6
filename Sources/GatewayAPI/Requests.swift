/// A request body: a JSON object of known fields. An unknown field is refused, because a misspelt `roles` must
/// not quietly make a session without roles.
package protocol RequestBodyJSON: Codable, Sendable {
    /// The fields that the object may have.
    static var fields: Set<String> { get }
}

/// `POST /api/sessions`.
package struct CreateSessionJSON: RequestBodyJSON {
    package var userId: String
    package var organization: String?
    package var roles: [String]?
    package var factors: [String]?
    package var displayName: String?
    package var email: String?
    package var sessionName: String?
    package var loginMethod: String?
    /// The client's address.
    package var ip: String?
    package var userAgent: String?
    /// Where the client is.
    package var location: SessionJSON.LocationJSON?
    package var rememberMe: Bool?
    /// A named set of timeouts, such as `kiosk`.
    package var preset: String?
    /// A token that came along with the login; its session is ended (no fixation).
    package var presentedToken: String?
    /// The form of the token: `opaque`, or `jwt` for a short-lived JWT of the session.
    package var format: String?

    package init(userId: String) { self.userId = userId }

    /// `data` is a JSON document of the caller's own; it is kept as it was written, not decoded.
    package static let fields: Set<String> = [
        "userId", "organization", "roles", "factors", "displayName", "email", "sessionName", "loginMethod",
        "ip", "userAgent", "location", "rememberMe", "preset", "presentedToken", "format", "data",
    ]
}

/// The answer to `POST /api/sessions`.
package struct CreatedSessionJSON: Codable, Sendable, Equatable {
    /// The token. It is shown only here.
    package var token: String
    package var session: SessionJSON
    /// Sessions that made room for this one.
    package var evicted: [String]
    /// The session of the token that was presented, if it was ended.
    package var replaced: String?
    /// Present when sessions were ended.
    package var receipt: ReceiptJSON?
    /// When the JWT ends, in JWT mode. The session goes on.
    package var tokenExpiresAt: WireTime?

    package init(
        token: String,
        session: SessionJSON,
        evicted: [String],
        replaced: String?,
        receipt: ReceiptJSON?
    ) {
        self.token = token
        self.session = session
        self.evicted = evicted
        self.replaced = replaced
        self.receipt = receipt
    }
}

/// `POST /api/sessions/check`: one token or up to 1,000.
package struct CheckSessionsJSON: RequestBodyJSON {
    package var token: String?
    package var tokens: [String]?
    /// The most seconds since the user last proved to be who they are.
    package var maxAuthAge: Int?
    /// Factors, one of which the user must have used.
    package var factors: [String]?

    package init(tokens: [String]) { self.tokens = tokens }

    /// The most tokens in one request.
    package static let maximumTokens = 1000
    package static let fields: Set<String> = ["token", "tokens", "maxAuthAge", "factors"]
}

/// What a token is good for.
package struct CheckedTokenJSON: Codable, Sendable, Equatable {
    package var active: Bool
    package var session: SessionJSON?
    package var code: String?
    package var error: String?

    package init(active: Bool, session: SessionJSON?, code: String?, error: String?) {
        self.active = active
        self.session = session
        self.code = code
        self.error = error
    }
}

/// The answer to a check of several tokens, in their order.
package struct CheckedTokensJSON: Codable, Sendable, Equatable {
    package var results: [CheckedTokenJSON]

    package init(results: [CheckedTokenJSON]) { self.results = results }
}

/// `POST /api/sessions/{id}/rotate`.
package struct RotateSessionJSON: RequestBodyJSON {
    package var token: String
    /// Only when the rotation interval is over.
    package var ifDue: Bool?

    package init(token: String) { self.token = token }

    package static let fields: Set<String> = ["token", "ifDue"]
}

/// The answer to a rotation. Without `token` when the new token travels in a cookie.
package struct RotatedSessionJSON: Codable, Sendable, Equatable {
    package var token: String?
    package var session: SessionJSON
    /// Whether the token had been rotated already and its successor was given again.
    package var repeated: Bool
    /// Whether there is a new token. Without `ifDue` there always is.
    package var rotated: Bool

    package init(token: String?, session: SessionJSON, repeated: Bool, rotated: Bool = true) {
        self.token = token
        self.session = session
        self.repeated = repeated
        self.rotated = rotated
    }
}

/// `PATCH /api/sessions/{id}`: what is left out stays as it is.
package struct UpdateSessionJSON: RequestBodyJSON {
    package var sessionName: String?
    package var roles: [String]?
    package var organization: String?
    /// Replaces the factors; the user has authenticated just now.
    package var factors: [String]?
    /// Factors used just now, beside those of before: a step-up.
    package var addFactors: [String]?
    /// The user has authenticated just now, with the same factors.
    package var reauthenticated: Bool?
    /// Counts as activity.
    package var extend: Bool?

    package init() {}

    package static let fields: Set<String> = [
        "sessionName", "roles", "organization", "factors", "addFactors", "reauthenticated", "extend",
    ]
}

/// A JWT, and whose session it is for.
package struct JWTJSON: Codable, Sendable, Equatable {
    package var token: String
    /// `Bearer`.
    package var tokenType: String
    package var expiresAt: WireTime
    package var session: SessionJSON

    package init(token: String, expiresAt: WireTime, session: SessionJSON) {
        self.token = token
        self.tokenType = "Bearer"
        self.expiresAt = expiresAt
        self.session = session
    }
}

/// `GET /api/auth/csrf`: what goes into `X-CSRF-Token`.
package struct CSRFTokenJSON: Codable, Sendable, Equatable {
    package var csrfToken: String

    package init(csrfToken: String) { self.csrfToken = csrfToken }
}

/// The answer to a change of a session's data.
package struct DataVersionJSON: Codable, Sendable, Equatable {
    package var version: Int

    package init(version: Int) { self.version = version }
}

/// `DELETE …?dryRun=true`: what a revocation would end.
package struct PreviewJSON: Codable, Sendable, Equatable {
    package var matches: Int
    /// So many sessions had to be looked at that there may be more.
    package var partial: Bool
    /// Whether the session that the caller asks with is among them.
    package var includesOwn: Bool

    package init(matches: Int, partial: Bool = false, includesOwn: Bool = false) {
        self.matches = matches
        self.partial = partial
        self.includesOwn = includesOwn
    }
}

/// RFC 9457 problem details with a stable `code` and a sentence.
package struct ProblemJSON: Codable, Sendable, Equatable {
    package var type: String
    package var title: String
    package var status: Int
    package var code: String
    package var error: String
    /// The field or parameter that is wrong.
    package var field: String?

    package init(title: String, status: Int, code: String, error: String, field: String?) {
        self.type = "about:blank"
        self.title = title
        self.status = status
        self.code = code
        self.error = error
        self.field = field
    }
}

/// A line of the answer to an end of many with `progress=true`: how many so far, and at last the receipt or what went
/// wrong.
package struct EndingProgressJSON: Codable, Sendable, Equatable {
    package var ended: Int?
    package var receipt: ReceiptJSON?
    package var problem: ProblemJSON?

    package init(ended: Int? = nil, receipt: ReceiptJSON? = nil, problem: ProblemJSON? = nil) {
        self.ended = ended
        self.receipt = receipt
        self.problem = problem
    }
}

/// `GET /health/live` and `GET /health/ready`.
package struct HealthJSON: Codable, Sendable, Equatable {
    package var status: String

    package init(status: String) { self.status = status }
}
