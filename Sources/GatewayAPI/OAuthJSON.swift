/// What introspection says of a good token (RFC 7662 2.2), and more of it under the names of RFC 9068 and OpenID
/// Connect. Times are seconds since 1970. Of anything else it says exactly `{"active":false}`.
package struct IntrospectionJSON: Codable, Sendable, Equatable {
    package var active: Bool
    /// The user id.
    package var sub: String
    /// The user id as well: it is what applications know the user by.
    package var username: String
    /// `Bearer`.
    package var tokenType: String
    /// Session id.
    package var sid: String
    /// When the token ends, whatever the activity.
    package var exp: Int64
    /// When the session began, or when the JWT was made.
    package var iat: Int64
    /// When the user last proved to be who they are.
    package var authTime: Int64
    /// The factors of that.
    package var amr: [String]
    package var roles: [String]
    package var org: String?
    package var nbf: Int64?
    package var iss: String?
    package var aud: String?
    package var jti: String?
    /// Who asked for the JWT: a service key, or `self` for the session.
    package var clientID: String?

    package init(
        sub: String,
        sid: String,
        exp: Int64,
        iat: Int64,
        authTime: Int64,
        amr: [String],
        roles: [String],
        org: String?
    ) {
        self.active = true
        self.sub = sub
        self.username = sub
        self.tokenType = "Bearer"
        self.sid = sid
        self.exp = exp
        self.iat = iat
        self.authTime = authTime
        self.amr = amr
        self.roles = roles
        self.org = org
    }

    enum CodingKeys: String, CodingKey {
        case active, sub, username, sid, exp, iat, amr, roles, org, nbf, iss, aud, jti
        case tokenType = "token_type"
        case clientID = "client_id"
        case authTime = "auth_time"
    }
}

/// An error of the OAuth endpoints (RFC 6749 5.2).
package struct OAuthErrorJSON: Codable, Sendable, Equatable {
    package var error: String
    package var description: String

    package init(error: String, description: String) {
        self.error = error
        self.description = description
    }

    enum CodingKeys: String, CodingKey {
        case error
        case description = "error_description"
    }
}
