/// How many sessions there are, and whose: of the whole installation, or of one organization.
public struct InstallationStatistics: Sendable, Equatable {
    /// Active sessions; those that ran out a moment ago may still be counted.
    public package(set) var active = 0
    /// Ended sessions that can still be looked at.
    public package(set) var ended = 0
    /// Users who have an active session.
    public package(set) var users = 0
    /// Users who have more than ``crowdThreshold`` of them.
    public package(set) var crowdedUsers = 0
    /// How long ago the active sessions began, on average; `nil` when there are none.
    public package(set) var averageAge: Duration?
    /// Whether the average is that of a sample of about 500.
    public package(set) var isEstimated = false
    /// So many sessions had to be looked at that the rest was left out.
    public package(set) var isPartial = false

    /// 5 sessions.
    public static let crowdThreshold = 5

    /// No sessions.
    package init() {}
}
