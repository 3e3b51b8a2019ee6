import Synchronization

/// What must have happened with a server before it is used: nil for nothing.
package typealias ServerAdmission.Rule = @Sendable (ServerIdentity, RedisConnection) async throws -> Void

/// Runs the gate once for each new server identity; every connection to that server waits for the same run.
///
/// "New" means: another one than the last that passed. A server that comes back after another has served in its
/// place is new again, for it has missed what the other one was told.
final class ServerAdmission: Sendable {
    private struct State {
        var passed: ServerIdentity?
        var running: (identity: ServerIdentity, run: Int, task: Task<Void, any Error>)?
        var runs = 0
    }

    private let admission: ServerAdmission.Rule?
    private let state = Mutex(State())

    init(_ admission: ServerAdmission.Rule?) {
        self.admission = admission
    }

    /// Whether connections to this server need not wait.
    func isOpen(for identity: ServerIdentity) -> Bool {
        gate == nil || state.withLock { $0.passed == identity }
    }

    /// Returns when the gate has passed for the connection's server.
    /// - Throws: what the gate threw; the next connection runs it again.
    func admit(_ connection: RedisConnection) async throws {
        guard let gate else { return }
        let identity = connection.identity
        let task: Task<Void, any Error>? = state.withLock { state in
            if state.passed == identity { return nil }
            if let running = state.running, running.identity == identity { return running.task }
            state.runs += 1
            let run = state.runs
            let task = Task {
                do {
                    try await gate(identity, connection)
                    self.finished(run, passed: identity)
                } catch {
                    self.finished(run, passed: nil)
                    throw error
                }
            }
            state.running = (identity, run, task)
            return task
        }
        try await task?.value
    }

    /// A run that has been overtaken by that for another identity decides nothing any more.
    private func finished(_ run: Int, passed: ServerIdentity?) {
        state.withLock { state in
            guard state.running?.run == run else { return }
            state.running = nil
            if let passed { state.passed = passed }
        }
    }
}
