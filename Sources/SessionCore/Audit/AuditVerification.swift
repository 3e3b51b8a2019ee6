/// What a walk along the chain of the audit log has found.
public struct AuditVerification: Sendable, Equatable {
    /// Where the chain does not hold.
    public struct Fault: Sendable, Equatable {
        /// What is wrong.
        public enum Kind: String, Sendable, CaseIterable {
            /// The entry, or the hash that its successor keeps of it, is not what it was.
            case changed
            /// Entries that stood behind this one are not there.
            case missing
            /// The entry cannot be read.
            case unreadable
        }

        /// Of the first entry that does not hold.
        public let position: AuditPosition
        public let kind: Kind

        /// Names an entry and what is wrong with it.
        public init(position: AuditPosition, kind: Kind) {
            self.position = position
            self.kind = kind
        }
    }

    /// How many entries hold, by this call.
    public var checked = 0
    /// The first entry that does not.
    public var fault: Fault?
    /// Where to go on; `nil` when the walk is over.
    public var next: AuditPosition?
    /// How many entries there ever were.
    public var total = 0
    /// The hash after the last entry, in hexadecimal. Noted elsewhere, it shows later that nothing before it was
    /// computed anew.
    public var head = ""

    /// Nothing looked at.
    public init() {}
}

/// Walks along the chain. Whether an entry holds is known when the next one has been seen, or the head.
package struct ChainWalk: Sendable {
    private var last: (position: AuditPosition, hash: Digest256, number: Int)?
    /// How many entries hold.
    package private(set) var checked = 0
    package private(set) var fault: AuditVerification.Fault?

    package init() {}

    /// Takes the next entry. The first one only begins the walk, unless it is the first there ever was.
    /// - Returns: whether all holds so far.
    package mutating func take(_ position: AuditPosition, _ link: AuditChain.Link) -> Bool {
        guard let record = AuditRecord(link.content) else {
            // Its predecessor's hash may hold all the same.
            if let last, link.previous == last.hash { self.checked += 1 }
            return self.fail(position, .unreadable)
        }
        if let last {
            guard record.number == last.number + 1 else { return self.fail(last.position, .missing) }
            guard link.previous == last.hash else { return self.fail(last.position, .changed) }
            self.checked += 1
        } else if record.number == 1, link.previous != AuditChain.origin {
            return self.fail(position, .changed)
        }
        self.last = (position, link.hash, record.number)
        return true
    }

    /// Compares the last entry with the head of the chain.
    package mutating func finish(_ chain: AuditChain) {
        guard self.fault == nil, let last else { return }
        if last.number != chain.count {
            _ = self.fail(last.position, .missing)
        } else if last.hash != chain.head {
            _ = self.fail(last.position, .changed)
        } else {
            self.checked += 1
        }
    }

    /// An entry that has to be there is not.
    package mutating func lose(_ position: AuditPosition) { _ = self.fail(position, .missing) }

    private mutating func fail(_ position: AuditPosition, _ kind: AuditVerification.Fault.Kind) -> Bool {
        self.fault = self.fault ?? AuditVerification.Fault(position: position, kind: kind)
        return false
    }
}
