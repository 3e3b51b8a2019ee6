extension StatisticsJSON: DescribedJSON {
    package static let schema = Schema.object([
        "active": .integer().note("Those that ran out a moment ago may still be counted."),
        "total": .integer().note("Active ones, and ended ones that can still be looked at."),
        "ended": .integer(),
        "uniqueUsers": .integer().note("Users who have an active session."),
        "usersAbove": .of(UsersAboveJSON.self),
        "averageDuration?": .integer().note("Seconds since the active sessions began; missing without any."),
        "estimated": .boolean.note("Whether averageDuration is that of a sample of about 500."),
        "partial": .boolean.note("10,000 sessions were looked at, and there are more."),
        "rates?": .array(.of(MinuteRateJSON.self)).note(
            "The last 60 minutes, oldest first; not for administrators of an organization."
        ),
    ])
}

extension UsersAboveJSON: DescribedJSON {
    package static let schema = Schema.object([
        "threshold": .integer(),
        "users": .integer().note("Who have more active sessions than the threshold."),
    ])
}

extension MinuteRateJSON: DescribedJSON {
    package static let schema = Schema.object([
        "minute": .time.note("Its beginning."),
        "logins": .integer(),
        "revocations": .integer().note("Sessions that were ended before their time."),
        "expiries": .integer(),
    ])
}

extension CleanupJSON: DescribedJSON {
    package static let schema = Schema.object([
        "expired": .integer().note("Filed as ended."),
        "forgotten": .integer().note("Ended ones past the retention."),
        "repaired": .integer().note("Index entries and counters that were wrong."),
        "ms": .integer(),
    ])
}
