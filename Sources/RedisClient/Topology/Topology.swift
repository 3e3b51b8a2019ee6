import Logging
import NIOCore

/// Which node holds which slot. One Redis holds them all; Sentinel is one node that moves (``EndpointResolver``);
/// a Cluster has several, and learns from MOVED where a slot has gone.
protocol Topology: Sendable {
    /// The connections to the node that holds `slot`; to any node for nil.
    func links(for slot: UInt16?) -> NodeLinks
    /// All nodes that are written to.
    var nodes: [NodeLinks] { get }
}

/// One Redis, always in the same place.
struct StandaloneTopology: Topology {
    private let node: NodeLinks

    init(
        configuration: RedisConfiguration,
        eventLoops: [any EventLoop],
        admission: ServerAdmission,
        logger: Logger
    ) {
        node = NodeLinks(
            configuration: configuration,
            resolver: FixedEndpoint(endpoint: configuration.endpoint),
            eventLoops: eventLoops,
            admission: admission,
            logger: logger
        )
    }

    func links(for slot: UInt16?) -> NodeLinks { node }

    var nodes: [NodeLinks] { [node] }
}
