extension CreateSessionJSON: DescribedJSON {
    package static let schema = Schema.request([
        "userId": .name.note("1 to 256 bytes of UTF-8, compared as bytes."),
        "organization?": .name,
        "roles?": .array(.word, count: 0...32),
        "factors?": .array(.word, count: 0...8),
        "displayName?": .name,
        "email?": .name,
        "sessionName?": .name,
        "loginMethod?": .name.note("password, otp, sso, api-key, …"),
        "ip?": .string(pattern: #"^\[?[0-9A-Fa-f:.]{2,45}\]?(:[0-9]{1,5})?$"#).note(
            "The client's IP address; a port is not kept."
        ),
        "userAgent?": .string().note("Cut to 512 bytes."),
        "location?": .request([
            "country?": .string(2...2, pattern: "^[A-Z]{2}$").note("ISO 3166-1 alpha-2."),
            "region?": .name,
            "city?": .name,
            "isp?": .name.note("Whose network the address belongs to."),
        ]).note("Where the client is, as the application knows it."),
        "rememberMe?": .boolean,
        "preset?": .choice([
            "personal-server", "shared-workstation", "high-security", "kiosk", "long-lived", "aal1", "aal2",
            "aal3",
        ]).note("Timeouts other than the usual ones."),
        "presentedToken?": .string().note("A token that came along with the login; its session is ended."),
        "format?": .choice(["opaque", "jwt"]).note("Of the token; jwt where JWT mode is on."),
        "data?": .anyObject.note("A JSON document of up to 8 KiB."),
    ])
}

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

extension RotateSessionJSON: DescribedJSON {
    package static let schema = Schema.request([
        "token": .string(pattern: "^[A-Za-z0-9_-]{64}$"),
        "ifDue?": .boolean.note("Only when the rotation interval is over."),
    ])
}

extension UpdateSessionJSON: DescribedJSON {
    package static let schema = Schema.request([
        "sessionName?": .name,
        "roles?": .array(.word, count: 0...32),
        "organization?": .name,
        "factors?": .array(.word, count: 0...8).note("In place of those there are; used just now."),
        "addFactors?": .array(.word, count: 0...8).note("Used just now, beside those there are."),
        "reauthenticated?": .boolean.note("The user has authenticated just now, with the same factors."),
        "extend?": .boolean.note("Counts as activity."),
    ])
}
