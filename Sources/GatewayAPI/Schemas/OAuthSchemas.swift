extension IntrospectionJSON: DescribedJSON {
    package static let schema = Schema.oneOf(
        .object([
            "active": .always(true),
            "sub": .string().note("The user id."),
            "username": .string().note("The same."),
            "token_type": .always("Bearer"),
            "sid": .sessionID,
            "exp": .integer().note("Seconds since 1970, as all times here."),
            "iat": .integer(),
            "auth_time": .integer(),
            "amr": .array(.string()).note("The factors."),
            "roles": .array(.string()),
            "org?": .string(),
            "nbf?": .integer(),
            "iss?": .string(),
            "aud?": .string(),
            "jti?": .string(),
            "client_id?": .string().note("Who asked for the JWT: a service key, or self for the session."),
        ]),
        .object(["active": .always(false)]).note("And nothing more, whatever the reason.")
    )
}

extension OAuthErrorJSON: DescribedJSON {
    package static let schema = Schema.object([
        "error": .code(OAuthErrorCode.self, "Stable, for programs (RFC 6749 5.2)."),
        "error_description": .string().note("A sentence, for people."),
    ])
}
