import Foundation

/// Child processes that the kernel kills when this process ends, however it ends.
package enum ChildProcess {
    /// The process could not be started.
    package struct SpawnFailure: Error {
        /// The program.
        package let program: String
        /// What posix_spawnp returned.
        package let errorNumber: Int32
    }

    /// Starts a program found on PATH, its output appended to a file.
    ///
    /// `setpriv --pdeathsig` asks the kernel to kill the child together with the *thread* that started it (prctl(2),
    /// PR_SET_PDEATHSIG), so all children are started by one thread that never ends: those of Dispatch and of Swift's
    /// pool end when they are idle.
    package static func spawn(_ command: [String], output: String) throws -> Int32 {
        let arguments = pdeathsigPrefix + command
        let result = Mutexed<Result<Int32, any Error>?>(nil)
        let done = DispatchSemaphore(value: 0)
        SpawningThread.shared.run {
            let spawned = Result { try spawnHere(arguments, output: output) }
            result.withLock { $0 = spawned }
            done.signal()
        }
        done.wait()
        guard let result = result.withLock({ $0 }) else {
            throw SpawnFailure(program: command.first ?? "", errorNumber: ECHILD)
        }
        return try result.get()
    }

    /// Waits until a child has ended.
    package static func wait(_ id: Int32) {
        var status: Int32 = 0
        while waitpid(id, &status, 0) == -1, errno == EINTR {}
    }

    /// Whether a child has not ended yet; one that has is reaped.
    package static func isRunning(_ id: Int32) -> Bool {
        var status: Int32 = 0
        return waitpid(id, &status, WNOHANG) == 0
    }

    private static let pdeathsigPrefix: [String] = {
        let setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        return setpriv.map { [$0, "--pdeathsig", "KILL"] } ?? []
    }()

    private static func spawnHere(_ arguments: [String], output: String) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var vector: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        vector.append(nil)
        defer { vector.forEach { free($0) } }
        var id: Int32 = 0
        let errorNumber = posix_spawnp(&id, arguments[0], &actions, nil, vector, environ)
        guard errorNumber == 0 else {
            throw SpawnFailure(program: arguments.last ?? "", errorNumber: errorNumber)
        }
        return id
    }
}

/// The thread that starts all children, and lives as long as the process.
private final class SpawningThread: Sendable {
    static let shared = SpawningThread()

    private let work = Mutexed<[@Sendable () -> Void]>([])
    private let available = DispatchSemaphore(value: 0)

    private init() {
        let thread = Thread { [work, available] in
            while true {
                available.wait()
                work.withLock { $0.isEmpty ? nil : $0.removeFirst() }?()
            }
        }
        thread.name = "spawner"
        thread.start()
    }

    func run(_ body: @escaping @Sendable () -> Void) {
        work.withLock { $0.append(body) }
        available.signal()
    }
}
