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
