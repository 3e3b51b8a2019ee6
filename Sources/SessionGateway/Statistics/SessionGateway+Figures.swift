import SessionCore
import SessionStore

/// How many sessions there are, and whose.
public struct SessionFigures: Sendable, Equatable {
    /// Active sessions; those that ran out a moment ago may still be counted.
    public let active: Int
    /// Ended sessions that can still be looked at.
    public let ended: Int
    /// Users who have an active session.
    public let users: Int
    /// Users who have more than ``crowdThreshold`` of them.
    public let crowdedUsers: Int
    /// How long ago the active sessions began, on average; `nil` when there are none.
    public let averageAge: Duration?
    /// Whether the average is that of a sample of about 500.
    public let isEstimated: Bool
    /// So many sessions had to be looked at that the rest was left out.
    public let isPartial: Bool

    /// 5 sessions.
    public static let crowdThreshold = RedisSessionStore.crowdThreshold

    init(_ statistics: StoreStatistics) {
        self.active = statistics.active
        self.ended = statistics.ended
        self.users = statistics.users
        self.crowdedUsers = statistics.crowded
        self.averageAge = statistics.averageAge
        self.isEstimated = statistics.isEstimated
        self.isPartial = statistics.isPartial
    }
}

extension SessionGateway {
    /// Figures of the whole installation: counters, which cost the same however many sessions there are. After everyone
    /// was revoked, they go down as the records are deleted.
    /// - Throws: ``GatewayError/unavailable(_:)``.
    public func figures() async throws(GatewayError) -> SessionFigures {
        try await self.asking { store async throws(StoreError) in
            SessionFigures(try await store.statistics())
        }
    }

    /// Figures of one organisation. Its sessions have to be looked for: up to 10,000 sessions of whatever organisation
    /// are looked at, newest first, and where there are more the figures are partial.
    /// - Throws: ``GatewayError/unavailable(_:)``.
    public func figures(of organization: String) async throws(GatewayError) -> SessionFigures {
        var filter = SessionFilter()
        filter.organization = organization
        let meant = filter
        return try await self.asking { store async throws(StoreError) in
            SessionFigures(
                try await store.statistics(of: meant, scan: ListOrder.scanBound, epoch: self.clock.epoch)
            )
        }
    }
}
