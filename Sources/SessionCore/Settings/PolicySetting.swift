/// A setting of ``SessionPolicy`` that can be changed while nodes run. Durations are whole seconds.
///
/// The retention is not among them: details that were filed under a shorter one expire by it, and the history would
/// name sessions of which nothing is known any more.
public enum PolicySetting: String, Sendable, CaseIterable, Comparable {
    case idleTimeout, absoluteTimeout, rememberIdleTimeout, rememberAbsoluteTimeout
    case maxSessions, limitBehaviour, rotationGrace

    /// A value as it is written.
    public enum Value: Sendable, Hashable, CustomStringConvertible {
        case integer(Int)
        case text(String)

        /// For messages; a long text, which may be anything, is not repeated.
        public var description: String {
            switch self {
            case .integer(let number): String(number)
            case .text(let text): text.utf8.count <= 32 ? text : "(a text of \(text.utf8.count) bytes)"
            }
        }
    }

    /// The numbers that are allowed; `nil` for a setting that is none.
    public var range: ClosedRange<Int>? {
        let day = 86_400
        return switch self {
        case .idleTimeout: 60...(90 * day)
        case .absoluteTimeout, .rememberIdleTimeout, .rememberAbsoluteTimeout: 60...(400 * day)
        case .rotationGrace: 0...300
        case .maxSessions: 0...1000
        case .limitBehaviour: nil
        }
    }

    /// ``range`` of a time, in seconds.
    public var durations: ClosedRange<Duration> {
        let seconds = self.range ?? 0...0
        return .seconds(seconds.lowerBound) ... .seconds(seconds.upperBound)
    }

    /// What is allowed, in words that go on from "must be".
    public var allowed: String {
        guard let range else {
            return SessionPolicy.LimitBehaviour.allCases.map(\.rawValue).joined(separator: " or ")
        }
        return self == .maxSessions
            ? "0 (unlimited) to \(range.upperBound)"
            : "\(range.lowerBound) to \(range.upperBound) seconds"
    }

    /// What a policy says.
    public func value(in policy: SessionPolicy) -> Value {
        if let path = self.duration { return .integer(Int(policy[keyPath: path].components.seconds)) }
        return self == .maxSessions
            ? .integer(policy.maximumSessions) : .text(policy.limitBehaviour.rawValue)
    }

    /// Puts a value into a policy.
    /// - Throws: ``InputError`` with the setting, the value and what is allowed.
    public func set(_ value: Value, in policy: inout SessionPolicy) throws(InputError) {
        switch value {
        case .integer(let number):
            guard let range = self.range, range.contains(number) else { throw self.refusal(of: "\(value)") }
            if let path = self.duration {
                policy[keyPath: path] = .seconds(number)
            } else {
                policy.maximumSessions = number
            }
        case .text(let text):
            guard self == .limitBehaviour, let behavior = SessionPolicy.LimitBehaviour(rawValue: text)
            else { throw self.refusal(of: "\(value)") }
            policy.limitBehaviour = behavior
        }
    }

    /// What is said of a value that is not allowed.
    public func refusal(of value: String) -> InputError {
        InputError(field: self.rawValue, reason: "\(value) is not allowed; must be \(self.allowed)")
    }

    private var duration: WritableKeyPath<SessionPolicy, Duration>? {
        switch self {
        case .idleTimeout: \.idleTimeout
        case .absoluteTimeout: \.absoluteTimeout
        case .rememberIdleTimeout: \.rememberIdleTimeout
        case .rememberAbsoluteTimeout: \.rememberAbsoluteTimeout
        case .rotationGrace: \.rotationGrace
        case .maxSessions, .limitBehaviour: nil
        }
    }

    public static func < (lhs: PolicySetting, rhs: PolicySetting) -> Bool { lhs.rawValue < rhs.rawValue }
}
