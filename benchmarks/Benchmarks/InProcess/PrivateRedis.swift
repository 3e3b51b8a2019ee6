import Foundation
import Logging
import NIOCore
import NIOPosix
import RedisClient

/// A redis-server of the benchmark's own on a unix socket, and a client with one connection to it.
final class PrivateRedis: Sendable {
    static let key = RedisKey("bench:session")
    /// About the length of a session's live record.
    static let recordLength = 160

    let client: RedisClient
    private let loop: any EventLoop
    private let process: Process
    private let directory: URL

    init() async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("portcullis-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let socket = directory.appendingPathComponent("redis.sock").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // The server goes when the benchmark is killed, too.
        process.arguments = [
            "setpriv", "--pdeathsig", "KILL", "redis-server", "--port", "0", "--unixsocket", socket,
            "--dir", directory.path, "--save", "", "--appendonly", "no",
        ]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        self.loop = loop
        self.process = process
        self.directory = directory
        self.client = RedisClient(
            configuration: try RedisConfiguration.parse(url: "unix://\(socket)"),
            eventLoopGroup: loop,
            logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        )
        self.client.start()
        try await self.client.waitUntilReady()
        let record = [UInt8](repeating: 0x72, count: Self.recordLength)
        _ = try await self.client.send(RedisCommand("SET").key(Self.key).arg(bytes: record), timeout: nil)
    }

    /// The connection of the only event loop.
    var connection: RedisConnection? {
        self.client.connection(on: self.loop)
    }

    func stop() async {
        await self.client.shutdown()
        self.process.terminate()
        self.process.waitUntilExit()
        try? FileManager.default.removeItem(at: self.directory)
    }
}

/// Hands a server from a benchmark's setup to its teardown.
actor PrivateRedisHolder {
    private var redis: PrivateRedis?

    func start() async throws -> PrivateRedis {
        let redis = try await PrivateRedis()
        self.redis = redis
        return redis
    }

    func stop() async { await self.redis?.stop() }
}
