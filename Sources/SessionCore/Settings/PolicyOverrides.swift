/// Settings that were changed while nodes run. They lie over each node's configuration.
public struct PolicyOverrides: Sendable, Equatable {
    /// What is set. Each value is in its range.
    public private(set) var values: [PolicySetting: PolicySetting.Value] = [:]
    /// Limits of single users and organizations.
    public var limits = LimitOverrides()

    /// Nothing is set: the configuration counts.
    public init() {}

    /// Sets one.
    /// - Throws: ``InputError`` with the setting, the value and what is allowed.
    public mutating func set(_ setting: PolicySetting, _ value: PolicySetting.Value) throws(InputError) {
        var probe = SessionPolicy()
        try setting.set(value, in: &probe)
        self.values[setting] = value
    }

    /// Examines what comes out over a node's configuration.
    /// - Throws: ``InputError`` when an idle timeout would be longer than its absolute timeout.
    public func validate(over policy: SessionPolicy) throws(InputError) {
        let result = self.overlaid(on: policy)
        for (idle, absolute) in Self.pairs {
            let limit = absolute.value(in: result)
            guard case .integer(let most) = limit, case .integer(let seconds) = idle.value(in: result),
                seconds > most
            else { continue }
            let least = idle.range?.lowerBound ?? 0
            throw InputError(
                field: idle.rawValue,
                reason:
                    "\(seconds) is not allowed; must be \(least) to \(most) seconds, the \(absolute.rawValue)"
            )
        }
    }

    /// A policy with these settings. Nodes may be configured differently: where an idle timeout would be longer than
    /// the absolute timeout, it is the absolute timeout.
    public func applied(to policy: SessionPolicy) -> SessionPolicy {
        var result = self.overlaid(on: policy)
        result.idleTimeout = min(result.idleTimeout, result.absoluteTimeout)
        result.rememberIdleTimeout = min(result.rememberIdleTimeout, result.rememberAbsoluteTimeout)
        return result
    }

    private static let pairs: [(idle: PolicySetting, absolute: PolicySetting)] = [
        (.idleTimeout, .absoluteTimeout), (.rememberIdleTimeout, .rememberAbsoluteTimeout),
    ]

    private func overlaid(on policy: SessionPolicy) -> SessionPolicy {
        var result = policy
        for (setting, value) in self.values {
            // Every value was examined when it was set.
            try? setting.set(value, in: &result)
        }
        return result
    }
}
