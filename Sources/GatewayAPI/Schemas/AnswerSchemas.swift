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
        "createdAt": .time,
        "authenticatedAt": .time,
        "lastActivity?": .time,
        "idleDeadline?": .time,
        "absoluteDeadline": .time,
        "durationSeconds?": .integer().note("From the login to the last activity or the end."),
        "status": .choice([
            "active", "logged-out", "revoked", "evicted", "replaced", "token-reused", "expired-idle",
            "expired-absolute",
        ]),
        "ended?": .object(["at": .time, "by?": .string(), "reason?": .string()]),
        "token?": .string().note("Masked: an ellipsis and the last 8 characters."),
        "current?": .boolean.note("Whether it is the session that the caller asked with."),
    ])
}

extension SessionPageJSON: DescribedJSON {
    package static let schema = Schema.object([
        "sessions": .array(.of(SessionJSON.self)),
        "total": .integer(),
        "offset": .integer(),
        "limit": .integer(),
    ])
}

extension ReceiptJSON: DescribedJSON {
    package static let schema = Schema.object([
        "ended": .integer().note("Sessions ended by the call."),
        "nodes": .integer().note("Gateway nodes that could have had a copy."),
        "applied": .integer().note("Nodes that said that they have applied it."),
        "lapsed": .integer().note("Silent nodes that were waited for until their lease was over."),
        "ms": .number.note("From the command to the last node."),
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
        "token": .string(64...64).note("Told here and never again."),
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
    ])
}

extension DataVersionJSON: DescribedJSON {
    package static let schema = Schema.object(["version": .integer()])
}

extension PreviewJSON: DescribedJSON {
    package static let schema = Schema.object(["matches": .integer()])
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
