/// A gateway node as the others see it.
package struct NodeJSON: Codable, Sendable, Equatable {
    package var id: String
    package var name: String
    package var version: String
    package var startedAt: WireTime
    /// How long the node's lease still runs, in milliseconds.
    package var leaseMs: Int
    package var live: Bool
    /// Whether it is the node that answers.
    package var current: Bool

    package init(
        id: String,
        name: String,
        version: String,
        startedAt: WireTime,
        leaseMs: Int,
        live: Bool,
        current: Bool
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.startedAt = startedAt
        self.leaseMs = leaseMs
        self.live = live
        self.current = current
    }
}

/// All known nodes.
package struct NodesJSON: Codable, Sendable, Equatable {
    package var nodes: [NodeJSON]

    package init(nodes: [NodeJSON]) { self.nodes = nodes }
}

/// `GET /health/live` and `GET /health/ready`.
package struct HealthJSON: Codable, Sendable, Equatable {
    package var status: String

    package init(status: String) { self.status = status }
}
