/// How much of the log is kept.
package struct AuditLimits: Sendable, Equatable {
    /// How long.
    package var retention: Duration
    /// About how many entries at most.
    package var entries: Int

    package init(retention: Duration = .seconds(90 * 86_400), entries: Int = 1_000_000) {
        self.retention = retention
        self.entries = entries
    }
}
