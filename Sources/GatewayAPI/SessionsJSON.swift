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
    /// Whether there is a new token: not with `ifDue` before it is due, nor when a user asks again within the grace.
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

/// The answer to a change of a session's data.
package struct DataVersionJSON: Codable, Sendable, Equatable {
    package var version: Int

    package init(version: Int) { self.version = version }
}
