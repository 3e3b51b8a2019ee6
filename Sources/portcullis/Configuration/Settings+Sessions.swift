import SessionCore
import SessionGateway

extension Setting {
    /// Sessions.
    static let sessions: [Setting] = [
        Setting(
            "preset",
            "session.preset",
            \.preset,
            .choice(SessionPreset.allCases.map(\.rawValue)),
            note: "none",
            "a named set of timeouts; timeouts given one by one go before it"
        ),
        Setting(
            "idle-timeout",
            "session.idle-timeout",
            \.gateway.policy.idleTimeout,
            .duration(PolicySetting.idleTimeout.durations),
            "how long a session lives without activity"
        ),
        Setting(
            "absolute-timeout",
            "session.absolute-timeout",
            \.gateway.policy.absoluteTimeout,
            .duration(PolicySetting.absoluteTimeout.durations),
            "how long a session lives at most; without a value never below the idle timeout"
        ),
        Setting(
            "remember-idle-timeout",
            "session.remember-idle-timeout",
            \.gateway.policy.rememberIdleTimeout,
            .duration(PolicySetting.rememberIdleTimeout.durations),
            "the idle timeout with 'remember me'"
        ),
        Setting(
            "remember-absolute-timeout",
            "session.remember-absolute-timeout",
            \.gateway.policy.rememberAbsoluteTimeout,
            .duration(PolicySetting.rememberAbsoluteTimeout.durations),
            "the absolute timeout with 'remember me'"
        ),
        Setting(
            "max-sessions",
            "session.max-sessions",
            \.gateway.policy.maximumSessions,
            .integer(PolicySetting.maxSessions.range ?? 0...0),
            "the most sessions of a user; 0: unlimited"
        ),
        Setting(
            "limit-behaviour",
            "session.limit-behaviour",
            \.gateway.policy.limitBehaviour,
            .choice(SessionPolicy.LimitBehaviour.allCases.map(\.rawValue)),
            "what a login at the limit does"
        ),
        Setting(
            "rotation-interval",
            "session.rotation-interval",
            \.gateway.policy.rotationInterval,
            .duration(SessionPolicy.rotationIntervalRange),
            "the age from which a token is due for rotation; 0: never, otherwise at least 60s"
        ),
        Setting(
            "rotation-grace",
            "session.rotation-grace",
            \.gateway.policy.rotationGrace,
            .duration(PolicySetting.rotationGrace.durations),
            "how long a token that was rotated out still counts"
        ),
        Setting(
            "retention",
            "session.retention",
            \.gateway.policy.retention,
            .duration(SessionPolicy.retentionRange),
            "how long ended sessions can be looked at"
        ),
        Setting(
            "activity-entries",
            "session.activity-entries",
            \.gateway.activityEntries,
            .integer(GatewayConfiguration.activityEntriesRange),
            "how many entries the timeline of a session keeps; 0: none"
        ),
    ]
}
