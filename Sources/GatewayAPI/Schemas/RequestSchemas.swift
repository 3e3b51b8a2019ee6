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
        "ip?": .line(1...64).note("The client's address."),
        "userAgent?": .string().note("Cut to 512 bytes."),
        "rememberMe?": .boolean,
        "presentedToken?": .string().note("A token that came along with the login; its session is ended."),
        "data?": .any.note("A JSON document of up to 8 KiB."),
    ])
}

extension CheckSessionsJSON: DescribedJSON {
    package static let schema = Schema.oneOf(
        .request(["token": .string(), "tokens?": .null]),
        .request(["tokens": .array(.string(), count: 1...Self.maximumTokens), "token?": .null])
    )
}

extension RotateSessionJSON: DescribedJSON {
    package static let schema = Schema.request(["token": .string(pattern: "^[A-Za-z0-9_-]{64}$")])
}

extension UpdateSessionJSON: DescribedJSON {
    package static let schema = Schema.request([
        "sessionName?": .name,
        "roles?": .array(.word, count: 0...32),
        "organization?": .name,
        "factors?": .array(.word, count: 0...8),
        "extend?": .boolean.note("Counts as activity."),
    ])
}
