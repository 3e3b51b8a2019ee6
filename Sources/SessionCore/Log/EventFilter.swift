/// Which entries of the log somebody wants to hear of. All conditions must hold; what is `nil` or empty does not count.
package struct EventFilter: Sendable, Equatable {
    /// About this user, compared as bytes.
    package var user: String?
    /// About sessions of one of these organisations, compared as bytes.
    package var organizations: Set<[UInt8]> = []
    /// Of one of these kinds.
    package var kinds: Set<String> = []

    /// Everything.
    package init() {}

    /// Whether the entry is wanted. That something is missing concerns everybody: it may have been theirs.
    package func matches(_ entry: LogEntry) -> Bool {
        if entry.kind == LogKind.gap.rawValue { return true }
        if !self.kinds.isEmpty, !self.kinds.contains(entry.kind) { return false }
        if let user = self.user, !user.utf8.elementsEqual(entry.user.utf8) { return false }
        return self.organizations.isEmpty || self.organizations.contains(Array(entry.organization.utf8))
    }
}
