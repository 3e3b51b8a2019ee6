/// Named sets of timeouts for common surroundings (docs/features.md S5).
public enum SessionPreset: String, Sendable, CaseIterable {
    /// A server of one's own: 8 hours idle.
    case personalServer = "personal-server"
    /// A workstation that several people use: 30 minutes idle.
    case sharedWorkstation = "shared-workstation"
    /// 15 minutes idle.
    case highSecurity = "high-security"
    /// A public terminal: 5 minutes idle.
    case kiosk
    /// 7 days idle, remembered for 30 days.
    case longLived = "long-lived"
    /// NIST SP 800-63B-4 AAL1: re-authentication within 30 days.
    case aal1
    /// NIST SP 800-63B-4 AAL2: within 24 hours, and after 1 hour without activity.
    case aal2
    /// NIST SP 800-63B-4 AAL3: within 12 hours, and after 15 minutes without activity.
    case aal3

    /// `policy` with this preset's timeouts; limits and the rest stay.
    public func applied(to policy: SessionPolicy) -> SessionPolicy {
        var result = policy
        let minute: Int64 = 60
        let day: Int64 = 24 * 60 * minute
        func set(idle: Int64, absolute: Int64, rememberIdle: Int64? = nil, rememberAbsolute: Int64? = nil) {
            result.idleTimeout = .seconds(idle)
            result.absoluteTimeout = .seconds(absolute)
            // Without a word of its own on it, a preset does not let "remember me" go past its limits.
            result.rememberIdleTimeout = .seconds(rememberIdle ?? idle)
            result.rememberAbsoluteTimeout = .seconds(rememberAbsolute ?? absolute)
        }
        switch self {
        case .personalServer:
            set(idle: 480 * minute, absolute: day, rememberIdle: 30 * day, rememberAbsolute: 30 * day)
        case .sharedWorkstation: set(idle: 30 * minute, absolute: day)
        case .highSecurity: set(idle: 15 * minute, absolute: day)
        case .kiosk: set(idle: 5 * minute, absolute: day)
        case .longLived:
            set(idle: 7 * day, absolute: 7 * day, rememberIdle: 30 * day, rememberAbsolute: 30 * day)
        case .aal1: set(idle: 30 * day, absolute: 30 * day)
        case .aal2: set(idle: 60 * minute, absolute: day)
        case .aal3: set(idle: 15 * minute, absolute: 12 * 60 * minute)
        }
        return result
    }
}
