import TestSupport
import Testing

@testable import RedisClient

@Suite("The gate")
struct GateTests {
    private struct NotYet: Error {}

    @Test("Nobody uses a connection before the gate has passed, and it runs once for all loops")
    func blocks() async throws {
        let server = try RedisServer()
        let runs = Mutexed(0)
        let (opened, open) = AsyncStream.makeStream(of: Void.self)
        let admission: ServerAdmission.Rule = { identity, connection in
            runs.withLock { $0 += 1 }
            #expect(identity == connection.identity && identity.role == "master" && !identity.runID.isEmpty)
            // The gate itself may use its connection.
            _ = try await connection.send(RedisCommand("SET").key(RedisKey("gate")).arg("passed"))
            for await _ in opened { break }
        }
        try await withClient(configuration(server), loops: 4, admission: admission, waitUntilReady: false) {
            client in
            #expect(await eventually { runs.withLock { $0 } == 1 })
            #expect(!client.isReady)
            let error = await redisError { _ = try await client.send(RedisCommand("PING")) }
            #expect(error?.code == .unavailable)
            open.yield()
            try await client.waitUntilReady()
            #expect(try await client.send(RedisCommand("GET").key(RedisKey("gate"))).string == "passed")
        }
        #expect(runs.withLock { $0 } == 1)
    }

    @Test("A lost connection to the same server does not run it again")
    func sameServer() async throws {
        let server = try RedisServer()
        let runs = Mutexed(0)
        try await withClient(configuration(server), admission: { _, _ in runs.withLock { $0 += 1 } }) {
            client in
            let before = try await client.send(RedisCommand("CLIENT").arg("ID")).int ?? 0
            _ = await redisError {
                _ = try await client.send(
                    RedisCommand("CLIENT").arg("KILL").arg("TYPE").arg("normal").arg("SKIPME").arg("no")
                )
            }
            #expect(
                await eventually {
                    let id = try? await client.send(RedisCommand("CLIENT").arg("ID")).int
                    return id.map { $0 > before + 1 } ?? false
                }
            )
        }
        #expect(runs.withLock { $0 } == 1)
    }

    @Test("A gate that throws is run again on another connection")
    func throwing() async throws {
        let server = try RedisServer()
        let runs = Mutexed(0)
        let admission: ServerAdmission.Rule = { _, _ in
            let run = runs.withLock { count in
                count += 1
                return count
            }
            if run <= 3 { throw NotYet() }
        }
        try await withClient(configuration(server), admission: admission) { client in
            let pong = try await client.send(RedisCommand("PING"))
            #expect(pong == .simple("PONG"))
        }
        #expect(runs.withLock { $0 } == 4)
    }

    @Test("A gate on a connection that hangs ends with the connection")
    func hanging() async throws {
        let server = try await FakeRedis { command, connection in
            command.first == "REPLAY" && connection == 1 ? .nothing : nil
        }
        let configuration = configuration(path: server.path, commandTimeout: .milliseconds(100))
        let admission: ServerAdmission.Rule = { _, connection in
            _ = try await connection.send(RedisCommand("REPLAY"))
        }
        try await withClient(configuration, loops: 1, admission: admission) { client in
            #expect(client.isReady)
        }
        try await server.stop()
    }
}
