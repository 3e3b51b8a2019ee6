extension Schema {
    /// A place in the log.
    package static let position = Schema.string(pattern: "^[0-9]{1,19}-[0-9]{1,19}$")
}

extension AuditEntryJSON: DescribedJSON {
    package static let schema = Schema.object([
        "position": .position,
        "at": .time,
        "kind": .string().note("What happened; ends of sessions as in a session's status."),
        "session?": .sessionID,
        "user?": .string(),
        "organization?": .string(),
        "actor?": .string().note("A user id, or key: and a service key's name; missing: Portcullis itself."),
        "reason?": .string(),
        "from?": .string().note("The address that the request came from; of a login the one given with it."),
        "call?": .string().note("Of a refused attempt: the call."),
        "code?": .string().note("Of a refused attempt: the code of the problem."),
        "count?": .integer().note("How many events it stands for; missing: one."),
        "hash": .string(64...64).note("SHA-256 of the chain up to and with this entry."),
    ])
}

extension AuditPageJSON: DescribedJSON {
    package static let schema = Schema.object([
        "entries": .array(.of(AuditEntryJSON.self)),
        "nextCursor?": .position.note("The cursor of the next page, which may be empty; missing at the end."),
        "partial": .boolean.note("Not full, because enough entries were looked at: go on with nextCursor."),
    ])
}

extension AuditVerificationJSON: DescribedJSON {
    package static let schema = Schema.object([
        "holds": .boolean.note("Whether all holds that this call has looked at."),
        "checked": .integer().note("Entries that hold, by this call."),
        "total": .integer().note("Entries there ever were."),
        "head?": .string(64...64).note("The hash after the last entry: note it elsewhere."),
        "nextCursor?": .position.note("The cursor of the next call; missing at the end."),
        "fault?": .object([
            "position": .position.note("Of the first entry that does not hold."),
            "problem": .choice(["changed", "missing", "unreadable"]),
        ]),
    ])
}
