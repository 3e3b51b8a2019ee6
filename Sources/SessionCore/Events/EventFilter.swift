/// Which entries of the log somebody wants to hear of. All conditions must hold; what is `nil` or empty does not count.
package struct EventFilter: Sendable, Equatable {
    /// About this user, compared as bytes.
    package var user: String?
    /// About sessions of one of these organizations, compared as bytes.
    package var organizations: Set<[UInt8]> = []
    /// Of one of these kinds.
    package var kinds: Set<String> = []
    /// Whose listener it is, where that is a session: what ``concernsListener(_:)`` is let through whatever the
    /// conditions, for the listener has to find out whether it still may listen.
    package var listener: SessionID?

    /// Everything.
    package init() {}

    /// Whether the entry is let through.
    package func matches(_ entry: AuditEntry) -> Bool { self.wants(entry) || self.concernsListener(entry) }

    /// Whether the entry may take the listener's right to listen away.
    package func concernsListener(_ entry: AuditEntry) -> Bool {
        guard let listener else { return false }
        return entry.session == listener || entry.kind == EventKind.everyoneRevoked.rawValue
            || entry.kind == EventKind.gap.rawValue
    }

    /// Whether the conditions hold. That something is missing concerns everybody: it may have been theirs.
    package func wants(_ entry: AuditEntry) -> Bool {
        if entry.kind == EventKind.gap.rawValue { return true }
        if !self.kinds.isEmpty, !self.kinds.contains(entry.kind) { return false }
        if let user = self.user, !user.utf8.elementsEqual(entry.user.utf8) { return false }
        return self.organizations.isEmpty || self.organizations.contains(Array(entry.organization.utf8))
    }
}
