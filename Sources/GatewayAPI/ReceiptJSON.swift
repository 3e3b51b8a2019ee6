/// The acknowledgement of a revocation: from now on no node accepts what was ended.
package struct ReceiptJSON: Codable, Sendable, Equatable {
    /// Sessions ended by the call.
    package var ended: Int
    /// Gateway nodes that could have had a copy.
    package var nodes: Int
    /// Nodes that said that they have applied it.
    package var applied: Int
    /// Silent nodes that were waited for until their lease was over.
    package var lapsed: Int
    /// From the command to the last node, in milliseconds.
    package var ms: Double
    /// What the caller should know of it, such as that their own session has ended.
    package var warning: String?

    package init(ended: Int, nodes: Int, applied: Int, lapsed: Int, ms: Double) {
        self.ended = ended
        self.nodes = nodes
        self.applied = applied
        self.lapsed = lapsed
        self.ms = ms
    }
}

/// `DELETE …?dryRun=true`: what a revocation would end.
package struct PreviewJSON: Codable, Sendable, Equatable {
    package var matches: Int
    /// So many sessions had to be looked at that there may be more.
    package var partial: Bool
    /// Whether the session that the caller asks with is among them.
    package var includesOwn: Bool

    package init(matches: Int, partial: Bool = false, includesOwn: Bool = false) {
        self.matches = matches
        self.partial = partial
        self.includesOwn = includesOwn
    }
}

/// A line of the answer to an end of many with `progress=true`: how many so far, and at last the receipt or what went
/// wrong.
package struct EndingProgressJSON: Codable, Sendable, Equatable {
    package var ended: Int?
    package var receipt: ReceiptJSON?
    package var problem: ProblemJSON?

    package init(ended: Int? = nil, receipt: ReceiptJSON? = nil, problem: ProblemJSON? = nil) {
        self.ended = ended
        self.receipt = receipt
        self.problem = problem
    }
}
