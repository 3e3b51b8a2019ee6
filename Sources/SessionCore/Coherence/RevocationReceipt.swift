/// What a revocation's acknowledgement says: how many gateway nodes there were, how many told that they have
/// applied it, how many were waited for until their lease had run out, and how long that took. Once it is given,
/// no node accepts what was revoked.
public struct RevocationReceipt: Sendable, Equatable {
    /// Sessions that this call ended.
    public var ended: Int
    /// Gateway nodes that could have had a copy.
    public var nodes: Int
    /// Nodes that have said that they applied it.
    public var applied: Int
    /// Nodes that stayed silent until their lease was over.
    public var lapsed: Int
    /// From the command to the last node, in milliseconds.
    public var milliseconds: Double

    /// Puts a receipt together.
    public init(ended: Int, nodes: Int, applied: Int, lapsed: Int, milliseconds: Double) {
        self.ended = ended
        self.nodes = nodes
        self.applied = applied
        self.lapsed = lapsed
        self.milliseconds = milliseconds
    }
}
