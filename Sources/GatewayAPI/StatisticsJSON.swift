/// `GET /api/admin/stats`: how many sessions there are, and whose.
package struct StatisticsJSON: Codable, Sendable, Equatable {
    package var active: Int
    /// Active ones, and ended ones that can still be looked at.
    package var total: Int
    package var ended: Int
    /// Users who have an active session.
    package var uniqueUsers: Int
    package var usersAbove: UsersAboveJSON
    /// Seconds since the active sessions began, on average; left out when there are none.
    package var averageDuration: Int?
    /// Whether the average is that of a sample.
    package var estimated: Bool
    /// There are more sessions than were looked at.
    package var partial: Bool
    /// The last 60 minutes, oldest first; left out for administrators of an organization.
    package var rates: [MinuteRateJSON]?

    package init(
        active: Int,
        ended: Int,
        uniqueUsers: Int,
        usersAbove: UsersAboveJSON,
        averageDuration: Int?,
        estimated: Bool,
        partial: Bool
    ) {
        self.active = active
        self.total = active + ended
        self.ended = ended
        self.uniqueUsers = uniqueUsers
        self.usersAbove = usersAbove
        self.averageDuration = averageDuration
        self.estimated = estimated
        self.partial = partial
    }
}

/// How many users have more than so many active sessions.
package struct UsersAboveJSON: Codable, Sendable, Equatable {
    package var threshold: Int
    package var users: Int

    package init(threshold: Int, users: Int) {
        self.threshold = threshold
        self.users = users
    }
}

/// What happened within a minute.
package struct MinuteRateJSON: Codable, Sendable, Equatable {
    /// Its beginning.
    package var minute: WireTime
    package var logins: Int
    /// Sessions that were ended before their time.
    package var revocations: Int
    package var expiries: Int

    package init(minute: WireTime, logins: Int, revocations: Int, expiries: Int) {
        self.minute = minute
        self.logins = logins
        self.revocations = revocations
        self.expiries = expiries
    }
}

/// `POST /api/admin/cleanup`: what it did.
package struct CleanupJSON: Codable, Sendable, Equatable {
    /// Expired sessions that were filed as ended.
    package var expired: Int
    /// Ended sessions past the retention that were forgotten.
    package var forgotten: Int
    /// Index entries and counters that were wrong and are mended.
    package var repaired: Int
    /// How long it took.
    package var ms: Int

    package init(expired: Int, forgotten: Int, repaired: Int, ms: Int) {
        self.expired = expired
        self.forgotten = forgotten
        self.repaired = repaired
        self.ms = ms
    }
}
