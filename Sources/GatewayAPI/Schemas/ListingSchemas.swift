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
