import GatewayAPI

extension Operations {
    static let oauth: [String: Operation] = [
        "POST /oauth2/introspect": Operation(
            takes: Self.tokenForm,
            answers: [.answer(200, "What it is good for.", .json(IntrospectionJSON.self))] + Self.oauthErrors
        ),
        "POST /oauth2/revoke": Operation(
            takes: Self.tokenForm,
            answers: [.answer(200, "No node accepts it any more, if one ever did.")] + Self.oauthErrors
        ),
    ]

    /// RFC 7662 2.1 and RFC 7009 2.1, with the client's credentials as RFC 6749 2.3.1 has them. Other fields are ignored.
    private static let tokenForm = Operation.Content.form(
        .object([
            "token": .string(),
            "token_type_hint?": .string().note("Of no consequence."),
            "client_id?": .string().note("A service key's name."),
            "client_secret?": .string().note("The service key, where no header has it."),
        ])
    )

    /// RFC 6749 5.2.
    private static let oauthErrors: [Operation.Answer] = [
        .answer(400, "A parameter is missing, wrong, or there twice.", Self.oauthError),
        .answer(401, "It is not known which client this is.", Self.oauthError, headers: ["WWW-Authenticate"]),
        .answer(403, "The service key lacks the scope.", Self.oauthError, headers: ["WWW-Authenticate"]),
        .answer(413, "The body is longer than 16 KiB.", Self.oauthError),
        .answer(415, "The body is no form.", Self.oauthError),
        .answer(503, "Redis cannot be asked.", Self.oauthError, headers: ["Retry-After"]),
    ]
    private static let oauthError = Operation.Content.json(OAuthErrorJSON.self)
}
