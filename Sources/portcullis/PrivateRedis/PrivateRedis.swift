import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// A redis-server of this process's own: on a unix socket in the data folder, with an append-only file, without a
/// TCP port. It is started again when it ends by itself, and ends with this process.
final class PrivateRedis: Service {
    private struct State {
        var child: ChildProcess?
        var isStopping = false
        var isOver = false
        var lastEnd: String?
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let directory: DataDirectory
    private let logger: Logger
    private let state = Mutex(State())

    init(directory: DataDirectory, logger: Logger) {
        self.directory = directory
        self.logger = logger
    }

    private var socketPath: String { "\(self.directory.path)/redis.sock" }
    private var logPath: String { "\(self.directory.path)/redis.log" }

    /// What clients connect to.
    var url: String {
        let allowed = CharacterSet.urlPathAllowed
        return "unix://"
            + (self.socketPath.addingPercentEncoding(withAllowedCharacters: allowed) ?? self.socketPath)
    }

    /// The server's process id while one runs.
    var pid: pid_t? { self.state.withLock { $0.child?.pid } }

    /// Starts the server and waits until it answers.
    /// - Throws: ``StartError`` with the end of its log when it does not come up.
    func start() async throws {
        guard self.socketPath.utf8.count <= ListenAddress.longestSocketPath else {
            throw StartError.unusable(
                "the data folder's path is too long for a socket in it (\(self.socketPath.utf8.count) bytes, at "
                    + "most \(ListenAddress.longestSocketPath)); choose another with --data-dir"
            )
        }
        let output = open(self.logPath, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
        guard output >= 0 else {
            throw StartError.unusable("cannot write '\(self.logPath)': \(SystemError.last)")
        }
        let thread = Thread { [self] in
            self.supervise(output: output)
            close(output)
        }
        thread.name = "private-redis"
        thread.start()
        // Loading a large append-only file may take long; an early end is noticed at once.
        while !RedisProbe.answers(at: self.socketPath) {
            let (isOver, lastEnd) = self.state.withLock { ($0.isOver, $0.lastEnd) }
            if isOver || lastEnd != nil {
                await self.stop()
                throw StartError.unusable(
                    "the private redis-server ended with \(lastEnd ?? "an error"); \(self.logPath) ends with:\n"
                        + self.endOfLog
                )
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Runs until graceful shutdown or cancellation, then stops the server.
    func run() async throws {
        try? await gracefulShutdown()
        await self.stop()
    }

    /// Asks the server to end, which writes its file to disk, and waits until it has; after 5 s kills it.
    func stop() async {
        let isRunning = self.state.withLock { state in
            state.isStopping = true
            state.child?.signal(SIGTERM)
            return state.child != nil
        }
        guard isRunning else { return }
        // A task of its own: what cancels this one must not cut the server's time short.
        let killer = Task.detached { [self] in
            try await Task.sleep(for: .seconds(5))
            self.state.withLock { $0.child?.signal(SIGKILL) }
        }
        await withCheckedContinuation { continuation in
            let isOver = self.state.withLock { state in
                if !state.isOver { state.waiting.append(continuation) }
                return state.isOver
            }
            if isOver { continuation.resume() }
        }
        killer.cancel()
    }

    /// The life of the thread that makes the children. It waits here for as long as a child lives, because the
    /// child's end is tied to this thread's (see ``ChildProcess``).
    private func supervise(output: Int32) {
        var pause: UInt32 = 100_000
        while true {
            do {
                let child: ChildProcess? = try self.state.withLock { state in
                    guard !state.isStopping else { return nil }
                    let child = try ChildProcess.spawn(
                        self.arguments,
                        output: output,
                        inherited: self.directory.lock
                    )
                    state.child = child
                    return child
                }
                guard let child else { break }
                let start = ContinuousClock.now
                child.wait()
                let end = self.state.withLock { state in
                    state.child = nil
                    let end = child.reap()
                    state.lastEnd = end
                    return end
                }
                if self.state.withLock({ $0.isStopping }) { break }
                self.logger.error(
                    "private redis-server ended; starting it again",
                    metadata: ["end": "\(end)"]
                )
                if ContinuousClock.now - start > .seconds(30) { pause = 100_000 }
            } catch {
                self.logger.error("private redis-server cannot be started", metadata: ["error": "\(error)"])
                self.state.withLock { $0.lastEnd = "\(error)" }
            }
            usleep(pause)
            pause = min(pause * 2, 5_000_000)
        }
        let waiting = self.state.withLock { state in
            state.isOver = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    private var arguments: [String] {
        [
            "redis-server",
            "--port", "0",
            "--unixsocket", self.socketPath,
            "--unixsocketperm", "700",
            "--dir", self.directory.path,
            "--daemonize", "no",
            "--logfile", "",
            "--save", "",
            "--appendonly", "yes",
            "--appendfsync", "everysec",
            "--maxmemory-policy", "noeviction",
        ]
    }

    private var endOfLog: String {
        let text = String(
            decoding: FileManager.default.contents(atPath: self.logPath) ?? Data(),
            as: UTF8.self
        )
        return text.split(whereSeparator: \.isNewline).suffix(5).joined(separator: "\n")
    }
}
