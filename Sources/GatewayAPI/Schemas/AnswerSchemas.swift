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

extension SessionPageJSON: DescribedJSON {
    package static let schema = Schema.object([
        "sessions": .array(.of(SessionJSON.self)),
        "total?": .integer().note("Missing where it is not known without looking at every session."),
        "offset": .integer(),
        "limit": .integer(),
        "nextCursor?": .cursor.note("The cursor of the next page, which may be empty; missing at the end."),
        "partial": .boolean.note(
            "Not full, because enough sessions were looked at: go on with nextCursor. Sorted by another column than "
                + "created: of 10,000 sessions only."
        ),
    ])
}

extension ReceiptJSON: DescribedJSON {
    package static let schema = Schema.object([
        "ended": .integer().note("Sessions ended by the call."),
        "nodes": .integer().note("Gateway nodes that could have had a copy."),
        "applied": .integer().note("Nodes that said that they have applied it."),
        "lapsed": .integer().note("Silent nodes that were waited for until their lease was over."),
        "ms": .number.note("From the command to the last node."),
        "warning?": .string().note("That the session which the caller asked with has ended by it."),
    ])
}

extension NodesJSON: DescribedJSON {
    package static let schema = Schema.object(["nodes": .array(.of(NodeJSON.self))])
}

extension NodeJSON: DescribedJSON {
    package static let schema = Schema.object([
        "id": .string(),
        "name": .string(),
        "version": .string(),
        "startedAt": .time,
        "leaseMs": .integer(),
        "live": .boolean,
        "current": .boolean,
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

extension RotatedSessionJSON: DescribedJSON {
    package static let schema = Schema.object([
        "token?": .string(64...64).note("Missing when it travels in a cookie."),
        "session": .of(SessionJSON.self),
        "repeated": .boolean.note("Whether the same successor was given before."),
        "rotated": .boolean.note("Whether there is a new token. Without ifDue there always is."),
    ])
}

extension DataVersionJSON: DescribedJSON {
    package static let schema = Schema.object(["version": .integer()])
}

extension PreviewJSON: DescribedJSON {
    package static let schema = Schema.object([
        "matches": .integer(),
        "partial": .boolean.note("Enough sessions were looked at: there may be more."),
        "includesOwn": .boolean.note("Whether the session that the caller asks with is among them."),
    ])
}

extension ProblemJSON: DescribedJSON {
    package static let schema = Schema.object([
        "type": .string(),
        "title": .string(),
        "status": .integer(400...599),
        "code": .string().note("Stable, for programs."),
        "error": .string().note("A sentence, for people."),
        "field?": .string().note("The field or parameter that is wrong."),
    ])
}

extension HealthJSON: DescribedJSON {
    package static let schema = Schema.object(["status": .string()])
}
