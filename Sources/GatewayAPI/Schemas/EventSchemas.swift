extension EventJSON: DescribedJSON {
    package static let schema = Schema.object([
        "id?": .string(pattern: "^[0-9]+-[0-9]+$").note(
            "Its place in the log; missing of a gap in the stream."
        ),
        "kind": .string(),
        "at?": .time,
        "sessionId?": .sessionID,
        "userId?": .string(),
        "organization?": .string(),
        "actor?": .string().note("Who did it; missing for Portcullis itself."),
        "reason?": .string(),
        "from?": .string().note("The address that the request came from."),
        "call?": .string().note("What was refused."),
        "code?": .string().note("The code of the problem that it was refused with."),
        "count?": .integer().note("How many events it stands for."),
        "after?": .string().note("Of a gap: the last position before it."),
    ])
}

extension WebhooksJSON: DescribedJSON {
    package static let schema = Schema.object(["webhooks": .array(.of(WebhookJSON.self))])
}

extension WebhookJSON: DescribedJSON {
    package static let schema = Schema.object([
        "name": .string(),
        "origin": .string().note("Scheme, host and port of the URL."),
        "format": .choice(["json", "backchannel-logout", "caep"]),
        "kinds": .array(.string()).note(
            "Empty for all that the format can tell but refused and refusals-dropped."
        ),
        "organizations": .array(.string()).note("Empty for all."),
        "position?": .string().note("The last event that it has got, or that was passed over."),
        "lagSeconds?": .integer().note(
            "Seconds from that event to the last one there is; missing before the first."
        ),
        "delivered": .integer(),
        "failures": .integer().note("Attempts that failed."),
        "refused": .integer().note("Events that it refused for good."),
        "givenUp": .integer().note("Events that were given up after failing for too long."),
        "lastDeliveredAt?": .time,
        "failingSince?": .time.note("Since when nothing has got through; missing while all is well."),
        "lastError?": .string(),
        "lastErrorAt?": .time,
    ])
}
