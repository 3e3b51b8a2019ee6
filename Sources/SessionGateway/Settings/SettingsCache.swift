import SessionCore
import SessionStore
import Synchronization

/// The policy that settings and configuration make together.
struct SettledPolicy: Sendable {
    /// For everybody.
    var common: SessionPolicy
    /// For some.
    var limits = LimitOverrides()

    init(_ overrides: PolicyOverrides, over defaults: SessionPolicy) {
        self.common = overrides.applied(to: defaults)
        self.limits = overrides.limits
    }

    /// For a login.
    func policy(for new: NewSession) -> SessionPolicy {
        self.limits.applied(to: self.common, user: new.user, organization: new.organization)
    }
}

/// This node's copy of the settings, over its configuration.
final class SettingsCache: Sendable {
    private struct State {
        var copy = SettingsCopy()
        var stored = StoredSettings.none
        var policy: SettledPolicy
    }

    /// The configuration beneath.
    let defaults: SessionPolicy
    private let state: Mutex<State>

    init(defaults: SessionPolicy) {
        self.defaults = defaults
        self.state = Mutex(State(policy: SettledPolicy(PolicyOverrides(), over: defaults)))
    }

    /// The policy, unless a change may have been missed. A node that holds no lease may have missed one without
    /// knowing it.
    var currentPolicy: SettledPolicy? { self.state.withLock { $0.copy.isCurrent ? $0.policy : nil } }

    func mayHaveMissed() { self.state.withLock { $0.copy.mayHaveMissed() } }

    func serverChanged() { self.state.withLock { $0.copy.serverChanged() } }

    func beginRead() -> UInt64 { self.state.withLock { $0.copy.beginRead() } }

    /// - Returns: the policy with what was read.
    func read(_ stored: StoredSettings, begun: UInt64) -> SettledPolicy {
        let policy = SettledPolicy(stored.overrides, over: self.defaults)
        self.state.withLock {
            guard $0.copy.read(version: stored.version, begun: begun) else { return }
            $0.stored = stored
            $0.policy = policy
        }
        return policy
    }

    func heard(_ stored: StoredSettings) {
        let policy = SettledPolicy(stored.overrides, over: self.defaults)
        self.state.withLock {
            guard $0.copy.heard(version: stored.version) else { return }
            $0.stored = stored
            $0.policy = policy
        }
    }
}
