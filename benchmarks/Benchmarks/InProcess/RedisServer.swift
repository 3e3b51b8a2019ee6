import Foundation

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
        try process.run()
        self.url = "unix://\(socket)"
        self.process = process
        self.directory = directory
    }

    func stop() {
        self.process.terminate()
        self.process.waitUntilExit()
        try? FileManager.default.removeItem(at: self.directory)
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
