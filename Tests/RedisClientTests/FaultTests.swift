import NIOCore
import TestSupport
import Testing

@testable import RedisClient

@Suite("Redis stopped, killed, loading, or no Redis at all")
struct FaultTests {
    @Test("A stopped Redis costs a deadline, then nothing; it is used again when it goes on")
    func stopped() async throws {
        let server = try RedisServer()
        let configuration = configuration(server, commandTimeout: .milliseconds(200))
        try await withClient(configuration) { client in
            server.pause()
            let error = await redisError { _ = try await client.send(RedisCommand("PING")) }
            #expect(error?.code == .deadlineExceeded && error?.mayHaveExecuted == true)
            // The silent connections are closed; from then on nothing is even sent.
            #expect(
                await eventually {
                    await redisError { _ = try await client.send(RedisCommand("PING")) }?.code == .unavailable
                }
            )
            server.resume()
            #expect(
                await eventually {
                    await redisError { _ = try await client.send(RedisCommand("PING")) } == nil
                }
            )
            try await client.waitUntilReady()
        }
    }

    @Test("A short pause loses deadlines but not the connection, and shifts no reply")
    func shortPause() async throws {
        let server = try RedisServer()
        var configuration = configuration(server, commandTimeout: .seconds(20))
        configuration.connectTimeout = .seconds(5)
        try await withClient(configuration, loops: 1) { client in
            let before = try await client.send(RedisCommand("CLIENT").arg("ID"))
            server.pause()
            let error = await redisError {
                _ = try await client.send(RedisCommand("ECHO").arg("late"), timeout: .milliseconds(50))
            }
            #expect(error?.code == .deadlineExceeded)
            server.resume()
            #expect(try await client.send(RedisCommand("ECHO").arg("next")).string == "next")
            #expect(try await client.send(RedisCommand("CLIENT").arg("ID")) == before)
        }
    }

    @Test("After SIGKILL and a restart it is used again, with another identity")
    func restarted() async throws {
        let server = try RedisServer()
        let seen = Mutexed<[ServerIdentity]>([])
        let admission: ServerAdmission.Rule = { identity, _ in seen.withLock { $0.append(identity) } }
        try await withClient(configuration(server), admission: admission) { client in
            server.stop()
            #expect(await eventually { !client.isReady })
            let error = await redisError { _ = try await client.send(RedisCommand("PING")) }
            #expect(error?.code == .unavailable)
            try server.restart()
            try await client.waitUntilReady()
            let pong = try await client.send(RedisCommand("PING"))
            #expect(pong == .simple("PONG"))
        }
        #expect(Set(seen.withLock { $0 }.map(\.runID)).count == 2)
    }

    @Test("Commands that are pending when Redis dies are answered")
    func pendingAtDeath() async throws {
        let server = try RedisServer()
        try await withClient(configuration(server)) { client in
            server.pause()
            let calls = (0..<50).map { _ in
                Task { await redisError { _ = try await client.send(RedisCommand("PING")) }?.code }
            }
            await Task.yield()
            server.stop()
            for call in calls {
                let code = await call.value
                #expect(code == .connectionLost || code == .unavailable)
            }
        }
    }

    @Test(
        "A server that is not fit to serve is asked again until it is",
        arguments: [
            "LOADING Redis is loading the dataset in memory", "BUSY Redis is busy running a script.",
            "MASTERDOWN Link with MASTER is down", "NOAUTH Authentication required.",
        ]
    )
    func unfit(reply: String) async throws {
        let server = try await FakeRedis { command, connection in
            command == ["PING"] && connection <= 3 ? .text("-\(reply)\r\n") : nil
        }
        try await withClient(configuration(path: server.path), loops: 1) { _ in }
        #expect(server.connectionCount == 4)
        try await server.stop()
    }

    @Test(
        "Errors of a server in trouble reach the caller as they are",
        arguments: [
            "LOADING", "OOM", "MISCONF", "BUSY", "NOSCRIPT", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS", "MOVED",
        ]
    )
    func serverErrors(prefix: String) async throws {
        let server = try await FakeRedis { command, _ in
            command.first == "GET" ? .text("-\(prefix) x\r\n") : nil
        }
        try await withClient(configuration(path: server.path), loops: 1) { client in
            let error = await redisError { _ = try await client.send(RedisCommand("GET").key(RedisKey("k"))) }
            #expect(error == RedisError(reply: "\(prefix) x"))
            let pong = try await client.send(RedisCommand("PING"))
            #expect(pong == .simple("PONG"))
        }
        #expect(server.connectionCount == 1)
        try await server.stop()
    }

    @Test("A master that turns into a replica is left, and taken again when it is a master")
    func demoted() async throws {
        let role = Mutexed("master")
        let server = try await FakeRedis { command, _ in
            let role = role.withLock { $0 }
            if command.first == "SET", role != "master" { return .text("-READONLY You can't write\r\n") }
            return FakeRedis.healthy(command, role: role)
        }
        try await withClient(configuration(path: server.path), loops: 1) { client in
            role.withLock { $0 = "slave" }
            let set = RedisCommand("SET").key(RedisKey("k")).arg("v")
            #expect(await redisError { _ = try await client.send(set) }?.prefix == "READONLY")
            #expect(
                await eventually {
                    await redisError { _ = try await client.send(set) }?.message.contains("slave") == true
                }
            )
            role.withLock { $0 = "master" }
            try await client.waitUntilReady()
            #expect(try await client.send(set) == .simple("OK"))
        }
        try await server.stop()
    }

    @Test(
        "A peer that breaks the protocol is left, and the caller told",
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n\r\n", "%1\r\n+a\r\n+b\r\n", "*1000000000\r\n",
            String(repeating: "*1\r\n", count: 12), "$-7\r\n", "+OK\r\n+unasked\r\n+unasked\r\n",
        ]
    )
    func hostile(bytes: String) async throws {
        let server = try await FakeRedis { command, connection in
            command.first == "GET" && connection == 1 ? .text(bytes) : nil
        }
        try await withClient(configuration(path: server.path), loops: 1) { client in
            _ = await redisError { _ = try await client.send(RedisCommand("GET").key(RedisKey("k"))) }
            #expect(await eventually { server.connectionCount == 2 })
            try await client.waitUntilReady()
            let pong = try await client.send(RedisCommand("PING"))
            #expect(pong == .simple("PONG"))
        }
        try await server.stop()
    }

    @Test("A reply longer than allowed is a breach of protocol")
    func huge() async throws {
        let huge = Array("$300000\r\n".utf8) + [UInt8](repeating: 65, count: 300_000) + Array("\r\n".utf8)
        let server = try await FakeRedis { command, _ in command.first == "GET" ? .bytes(huge) : nil }
        var configuration = configuration(path: server.path)
        configuration.maxReplyBytes = 100_000
        try await withClient(configuration, loops: 1) { client in
            let error = await redisError { _ = try await client.send(RedisCommand("GET").key(RedisKey("k"))) }
            #expect(error?.code == .protocolViolation)
        }
        try await server.stop()
    }

    @Test("Half a reply and then silence: a deadline, then another connection")
    func half() async throws {
        let server = try await FakeRedis { command, connection in
            command.first == "GET" && connection == 1 ? .text("$10\r\nhalf") : nil
        }
        let configuration = configuration(path: server.path, commandTimeout: .milliseconds(100))
        try await withClient(configuration, loops: 1) { client in
            let error = await redisError { _ = try await client.send(RedisCommand("GET").key(RedisKey("k"))) }
            #expect(error?.code == .deadlineExceeded)
            #expect(await eventually { server.connectionCount == 2 })
        }
        try await server.stop()
    }

    @Test(
        "A server that answers nothing, or hangs up, keeps nobody waiting for ever",
        arguments: [true, false]
    )
    func mute(hangsUp: Bool) async throws {
        let server = try await FakeRedis { _, _ in hangsUp ? .close : .nothing }
        var configuration = configuration(path: server.path)
        configuration.connectTimeout = .milliseconds(50)
        try await withClient(configuration, loops: 1, waitUntilReady: false) { client in
            #expect(await eventually { server.connectionCount >= 3 })
            let error = await redisError { _ = try await client.send(RedisCommand("PING")) }
            #expect(error?.code == .unavailable)
        }
        try await server.stop()
    }
}
