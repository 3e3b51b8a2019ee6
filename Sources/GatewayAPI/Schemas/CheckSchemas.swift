extension CheckSessionsJSON: DescribedJSON {
    package static let schema = Schema.oneOf(
        .request([
            "token": .string(), "tokens?": .null, "maxAuthAge?": Self.maxAuthAge, "factors?": Self.factors,
        ]),
        .request([
            "tokens": .array(.string(), count: 1...Self.maximumTokens), "token?": .null,
            "maxAuthAge?": Self.maxAuthAge, "factors?": Self.factors,
        ])
    )

    /// Up to 400 days.
    package static let maxAuthAge = Schema.integer(0...34_560_000).note(
        "The most seconds since the user last proved to be who they are; an older session is not active."
    )
    private static let factors = Schema.nonEmpty(.string(1...64)).note(
        "Factors, one of which the user must have used."
    )
}

extension CheckedTokenJSON: DescribedJSON {
    package static let schema = Schema.object([
        "active": .boolean,
        "session?": .of(SessionJSON.self),
        "code?": .string(),
        "error?": .string(),
    ])
}

extension CheckedTokensJSON: DescribedJSON {
    package static let schema = Schema.object(["results": .array(.of(CheckedTokenJSON.self))])
}
