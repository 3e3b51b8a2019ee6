extension SessionJSON: DescribedJSON {
    package static let schema = Schema.object([
        "id": .sessionID,
        "userId": .string(),
        "organization?": .string(),
        "roles": .array(.string()),
        "factors": .array(.string()),
        "displayName?": .string(),
        "email?": .string(),
        "sessionName?": .string(),
        "loginMethod?": .string(),
        "ip?": .string(),
        "userAgent?": .string(),
        "device?": .object([
            "browser?": .string(),
            "browserVersion?": .string(),
            "os?": .string(),
            "kind": .choice(["desktop", "phone", "tablet", "bot", "other"]),
        ]).note("Parsed from the user agent."),
        "location?": .object([
            "country?": .string().note("ISO 3166-1 alpha-2."),
            "region?": .string(),
            "city?": .string(),
            "isp?": .string(),
        ]).note("As the application told it."),
        "createdAt": .time,
        "authenticatedAt": .time,
        "lastActivity?": .time,
        "idleDeadline?": .time,
        "absoluteDeadline": .time,
        "duration?": .integer().note("Seconds from the login to the last activity or the end."),
        "status": .choice([
            "active", "logged-out", "revoked", "evicted", "replaced", "token-reused", "expired-idle",
            "expired-absolute",
        ]),
        "endedAt?": .time,
        "endedBy?": .string(),
        "endReason?": .string(),
        "token?": .string().note("Masked: an ellipsis and the last 8 characters."),
        "current?": .boolean.note("Whether it is the session that the caller asked with."),
        "rotateAt?": .time.note("When the token asked with is due for rotation."),
    ])
}

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

extension CreatedSessionJSON: DescribedJSON {
    package static let schema = Schema.object([
        "token": .string().note("64 characters, or a JWT. Told here and never again."),
        "tokenExpiresAt?": .time.note("When the JWT ends; the session goes on."),
        "session": .of(SessionJSON.self),
        "evicted": .array(.sessionID),
        "replaced?": .sessionID,
        "receipt?": .of(ReceiptJSON.self),
    ])
}

extension RotateSessionJSON: DescribedJSON {
    package static let schema = Schema.request([
        "token": .string(pattern: "^[A-Za-z0-9_-]{64}$"),
        "ifDue?": .boolean.note("Only when the rotation interval is over."),
    ])
}

extension RotatedSessionJSON: DescribedJSON {
    package static let schema = Schema.object([
        "token?": .string(64...64).note("Missing when it travels in a cookie."),
        "session": .of(SessionJSON.self),
        "repeated": .boolean.note("Whether the same successor was given before."),
        "rotated": .boolean.note("Whether there is a new token. Without ifDue there always is."),
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

extension DataVersionJSON: DescribedJSON {
    package static let schema = Schema.object(["version": .integer()])
}
