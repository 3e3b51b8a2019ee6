import Foundation
import Synchronization

/// A redis-server of the benchmark's own on a unix socket; it goes when the benchmark is killed, too.
final class RedisServer: Sendable {
    let url: String
    private let process: Process
    private let directory: URL

    init() throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("portcullis-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let socket = directory.appendingPathComponent("redis.sock").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "setpriv", "--pdeathsig", "KILL", "redis-server", "--port", "0", "--unixsocket", socket,
            "--dir", directory.path, "--save", "", "--appendonly", "no",
        ]
        process.standardOutput = FileHandle.nullDevice
        try Self.run(process)
        self.url = "unix://\(socket)"
        self.process = process
        self.directory = directory
    }

    func stop() {
        // Not SIGTERM: a child inherits the signal mask of the thread that starts it, and Dispatch's block everything.
        kill(self.process.processIdentifier, SIGKILL)
        self.process.waitUntilExit()
        try? FileManager.default.removeItem(at: self.directory)
    }

    /// From a thread that stays: prctl(2) PR_SET_PDEATHSIG is sent when the *thread* that made the child ends, and
    /// those of Dispatch end when they are idle.
    private static func run(_ process: Process) throws {
        nonisolated(unsafe) let process = process
        let outcome = Mutex<(any Error)?>(nil)
        let started = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            do { try process.run() } catch { outcome.withLock { $0 = error } }
            started.signal()
            while true { Thread.sleep(forTimeInterval: 3600) }
        }
        started.wait()
        if let error = outcome.withLock({ $0 }) { throw error }
    }
}

/// Something that a benchmark's setup starts and its teardown stops.
protocol Fixture: Sendable {
    static func start() async throws -> Self
    func stop() async
}

/// Hands a fixture from setup to teardown.
actor Holder<Value: Fixture> {
    private var value: Value?

    func start() async throws -> Value {
        let value = try await Value.start()
        self.value = value
        return value
    }

    func stop() async { await self.value?.stop() }
}
