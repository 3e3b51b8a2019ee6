import Synchronization

/// Admits servers: runs a rule once for each new server identity; every connection to that server waits for the same
/// run.
///
/// "New" means: another one than the last that was admitted. A server that comes back after another has served in its
/// place is new again, for it has missed what the other one was told.
package final class ServerAdmission: Sendable {
    /// What must have happened with a server before it is used. It throws to refuse the server.
    package typealias Rule = @Sendable (ServerIdentity, RedisConnection) async throws -> Void

    private struct State {
        var admitted: ServerIdentity?
        var running: (identity: ServerIdentity, run: Int, task: Task<Void, any Error>)?
        var runs = 0
    }

    private let rule: Rule?
    private let state = Mutex(State())

    init(_ rule: Rule?) {
        self.rule = rule
    }

    /// Whether connections to this server need not wait.
    func isOpen(for identity: ServerIdentity) -> Bool {
        rule == nil || state.withLock { $0.admitted == identity }
    }

    /// Returns when the connection's server is admitted.
    /// - Throws: what the rule threw; the next connection runs it again.
    func admit(_ connection: RedisConnection) async throws {
        guard let rule else { return }
        let identity = connection.identity
        let task: Task<Void, any Error>? = state.withLock { state in
            if state.admitted == identity { return nil }
            if let running = state.running, running.identity == identity { return running.task }
            state.runs += 1
            let run = state.runs
            let task = Task {
                do {
                    try await rule(identity, connection)
                    self.finished(run, admitted: identity)
                } catch {
                    self.finished(run, admitted: nil)
                    throw error
                }
            }
            state.running = (identity, run, task)
            return task
        }
        try await task?.value
    }

    /// A run that has been overtaken by that for another identity decides nothing any more.
    private func finished(_ run: Int, admitted: ServerIdentity?) {
        state.withLock { state in
            guard state.running?.run == run else { return }
            state.running = nil
            if let admitted { state.admitted = admitted }
        }
    }
}
