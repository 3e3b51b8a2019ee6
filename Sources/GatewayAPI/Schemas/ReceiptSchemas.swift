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

extension PreviewJSON: DescribedJSON {
    package static let schema = Schema.object([
        "matches": .integer(),
        "partial": .boolean.note("Enough sessions were looked at: there may be more."),
        "includesOwn": .boolean.note("Whether the session that the caller asks with is among them."),
    ])
}
