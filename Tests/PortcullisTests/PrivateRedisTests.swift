import Foundation
import Logging
import Testing

@testable import portcullis

@Suite("The private Redis")
struct PrivateRedisTests {
    /// A folder that is gone afterwards.
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let path = "\(NSTemporaryDirectory())/pc-\(UInt32.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    private func withRedis(_ body: (PrivateRedis, DataDirectory) async throws -> Void) async throws {
        try await self.withFolder { path in
            let directory = try await DataDirectory(path: path)
            let redis = PrivateRedis(
                directory: directory,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            do {
                try await redis.start()
                try await body(redis, directory)
            } catch {
                await redis.stop()
                throw error
            }
            await redis.stop()
        }
    }

    /// Waits for something that is bound to happen.
    private func eventually(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !condition() {
            try #require(ContinuousClock.now < deadline, "waited 60 s")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test("It answers on a socket that only the owner may use, and is gone after stop")
    func startAndStop() async throws {
        try await self.withRedis { redis, directory in
            let socket = "\(directory.path)/redis.sock"
            #expect(redis.url == "unix://\(socket)")
            #expect(RedisProbe.answers(at: socket))
            let mode = try FileManager.default.attributesOfItem(atPath: socket)[.posixPermissions] as? Int
            #expect(mode == 0o700)
            let pid = try #require(redis.pid)
            await redis.stop()
            #expect(kill(pid, 0) != 0)
            #expect(redis.pid == nil)
        }
    }

    @Test("It is started again when it ends by itself")
    func restart() async throws {
        try await self.withRedis { redis, directory in
            let first = try #require(redis.pid)
            kill(first, SIGKILL)
            try await self.eventually { redis.pid != nil && redis.pid != first }
            try await self.eventually { RedisProbe.answers(at: "\(directory.path)/redis.sock") }
        }
    }

    @Test("A second process cannot have the same folder, not even while only Redis is left of the first")
    func lock() async throws {
        try await self.withRedis { _, directory in
            await #expect(throws: StartError.self) {
                try await DataDirectory(path: directory.path, patience: .milliseconds(50))
            }
        }
    }

    @Test("When it cannot start, the reason is told")
    func refusal() async throws {
        try await self.withFolder { path in
            let directory = try await DataDirectory(path: path)
            try FileManager.default.createDirectory(
                atPath: "\(path)/appendonlydir/appendonly.aof.manifest",
                withIntermediateDirectories: true
            )
            let redis = PrivateRedis(
                directory: directory,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            do {
                try await redis.start()
                Issue.record("started")
                await redis.stop()
            } catch {
                #expect("\(error)".contains("the private redis-server ended with"))
            }
        }
    }

    @Test("A generated secret is kept, readable by the owner alone")
    func secret() async throws {
        try await self.withFolder { path in
            let directory = try await DataDirectory(path: path)
            let text = try directory.text(of: "secret") { "one" }
            #expect(text == "one")
            #expect(try directory.text(of: "secret") { "two" } == "one")
            let mode =
                try FileManager.default.attributesOfItem(atPath: "\(path)/secret")[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(
                try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o700
            )
        }
    }
}
