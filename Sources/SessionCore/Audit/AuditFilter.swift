/// Which entries of the audit log are meant; all conditions must hold.
public struct AuditFilter: Sendable, Equatable {
    /// One of these; empty for any.
    public var kinds: Set<EventKind> = []
    /// Whose session, byte for byte.
    public var user: String?
    /// Who did it, byte for byte.
    public var actor: String?
    public var session: SessionID?
    /// The session's organization, byte for byte.
    public var organization: String?
    /// At this time or later.
    public var since: Timestamp?
    /// Before this time.
    public var until: Timestamp?
    /// Somewhere in user, actor, reason or address.
    public var search: SearchText?

    /// Every entry.
    public init() {}

    /// Whether the filter includes an entry.
    public func includes(_ entry: AuditEntry) -> Bool {
        func equal(_ wanted: String?, _ text: String) -> Bool {
            wanted.map { $0.utf8.elementsEqual(text.utf8) } ?? true
        }
        if !self.kinds.isEmpty {
            guard let kind = EventKind(rawValue: entry.kind), self.kinds.contains(kind) else { return false }
        }
        guard equal(self.user, entry.user), equal(self.actor, entry.actor),
            equal(self.organization, entry.organization)
        else { return false }
        if let session, session != entry.session { return false }
        if let since, entry.at < since { return false }
        if let until, entry.at >= until { return false }
        guard let search else { return true }
        return [entry.user, entry.actor, entry.reason, entry.from].contains { search.isFound(in: $0) }
    }
}

/// A page of the audit log, newest first.
public struct AuditPage: Sendable, Equatable {
    public var entries: [AuditEntry] = []
    /// Where the next page begins; `nil` at the end. That page may turn out to be empty.
    public var next: AuditPosition?
    /// Given before it was full, because enough entries had been looked at.
    public var isPartial = false

    /// Nothing.
    public init() {}
}
