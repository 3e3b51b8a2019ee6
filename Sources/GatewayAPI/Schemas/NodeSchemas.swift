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

extension NodesJSON: DescribedJSON {
    package static let schema = Schema.object(["nodes": .array(.of(NodeJSON.self))])
}

extension HealthJSON: DescribedJSON {
    package static let schema = Schema.object(["status": .string()])
}
