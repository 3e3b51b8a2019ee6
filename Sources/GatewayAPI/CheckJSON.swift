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
