import SessionCore
import SessionStore
import Synchronization

/// This node's copy of the settings, over its configuration.
final class SettingsBoard: Sendable {
    private struct State {
        var copy = SettingsCopy()
        var stored = StoredSettings.none
        var policy: SessionPolicy
    }

    /// The configuration beneath.
    let defaults: SessionPolicy
    private let state: Mutex<State>

    init(defaults: SessionPolicy) {
        self.defaults = defaults
        self.state = Mutex(State(policy: defaults))
    }

    /// The policy, unless a change may have been missed. A node that holds no lease may have missed one without
    /// knowing it.
    var currentPolicy: SessionPolicy? { self.state.withLock { $0.copy.isCurrent ? $0.policy : nil } }

    func mayHaveMissed() { self.state.withLock { $0.copy.mayHaveMissed() } }

    func serverChanged() { self.state.withLock { $0.copy.serverChanged() } }

    func beginRead() -> UInt64 { self.state.withLock { $0.copy.beginRead() } }

    /// - Returns: the policy with what was read.
    func read(_ stored: StoredSettings, begun: UInt64) -> SessionPolicy {
        let policy = stored.overrides.applied(to: self.defaults)
        self.state.withLock {
            guard $0.copy.read(version: stored.version, begun: begun) else { return }
            $0.stored = stored
            $0.policy = policy
        }
        return policy
    }

    func heard(_ stored: StoredSettings) {
        let policy = stored.overrides.applied(to: self.defaults)
        self.state.withLock {
            guard $0.copy.heard(version: stored.version) else { return }
            $0.stored = stored
            $0.policy = policy
        }
    }
}
