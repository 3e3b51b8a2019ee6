/// The members of an entry that an application tells of.
private enum EntrySchemas {
    static let at = Schema.time.note("Not before the session, and at most a minute ahead; now, unless given.")
    static let method = Schema.string(1...32, pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
    static let path = Schema.pathLine(1...512).note("What follows a ? is left out.")
    static let action = Schema.name.note("In words of the application's own.")
    static let status = Schema.integer(100...599)
}

extension NewActivityJSON: DescribedJSON {
    package static let schema = Schema.oneOf(
        .request([
            "path": EntrySchemas.path, "method?": EntrySchemas.method, "action?": .null,
            "at?": EntrySchemas.at, "status?": EntrySchemas.status,
        ]),
        .request([
            "action": EntrySchemas.action, "path?": .null, "method?": .null,
            "at?": EntrySchemas.at, "status?": EntrySchemas.status,
        ])
    )
}

extension AddActivityJSON: DescribedJSON {
    package static let schema = Schema.oneOf(
        .request([
            "path": EntrySchemas.path, "method?": EntrySchemas.method, "action?": .null,
            "at?": EntrySchemas.at, "status?": EntrySchemas.status, "entries?": .null,
        ]),
        .request([
            "action": EntrySchemas.action, "path?": .null, "method?": .null,
            "at?": EntrySchemas.at, "status?": EntrySchemas.status, "entries?": .null,
        ]),
        .request([
            "entries": .array(.of(NewActivityJSON.self), count: 1...Self.maximumEntries),
            "path?": .null, "method?": .null, "action?": .null, "at?": .null, "status?": .null,
        ])
    )
}

extension AddedActivityJSON: DescribedJSON {
    package static let schema = Schema.object([
        "recorded": .integer(0...AddActivityJSON.maximumEntries).note("All, or none where timelines are off.")
    ])
}

extension ActivityJSON: DescribedJSON {
    package static let schema = Schema.object([
        "at": .time,
        "method?": .string(),
        "path?": .string(),
        "action?": .string(),
        "status?": .integer(),
        "source": .choice(["application", "forward-auth"]),
    ])
}

extension ActivityPageJSON: DescribedJSON {
    package static let schema = Schema.object([
        "entries": .array(.of(ActivityJSON.self)),
        "nextCursor?": Schema.activityCursor.note("The cursor of the next page; missing at the end."),
    ])
}

extension Schema {
    /// A line that begins with a slash.
    fileprivate static func pathLine(_ length: ClosedRange<Int>) -> Schema {
        var schema = Schema.line(length)
        // ^[^…]+$ becomes ^/[^…]*$.
        let pattern = schema.json["pattern"]?.text ?? ""
        schema.json["pattern"] = .string("^/" + pattern.dropFirst().dropLast(2) + "*$")
        return schema
    }

    /// The place where a page of a timeline begins.
    package static let activityCursor = Schema.string(pattern: "^[0-9]{1,16}-[0-9]{1,16}-[0-9]{1,16}$")
}
