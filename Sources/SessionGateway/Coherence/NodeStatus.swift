public import SessionCore

/// A gateway node as the others see it.
public struct NodeStatus: Sendable {
    /// The run of the process.
    public let id: NodeID
    /// Host and port, or what it was told to be called.
    public let name: String
    /// Version of Portcullis.
    public let version: String
    /// When it started, on its own clock.
    public let startedAt: Timestamp
    /// What is left of its lease; zero when it is over.
    public let leaseRemaining: Duration
    /// Whether it is the node that was asked.
    public let isSelf: Bool

    /// Whether it holds a lease.
    public var isLive: Bool { self.leaseRemaining > .zero }
}
