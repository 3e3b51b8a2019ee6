import NIOCore
import TestSupport
import Testing

@testable import RedisClient

@Suite("The client and a real Redis")
struct ClientTests {
    @Test("Eight tasks share the connections, and everybody gets his own replies")
    func ownReplies() async throws {
        let server = try RedisServer()
        try await withClient(configuration(server)) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        for number in 0..<500 {
                            let text = "\(task):\(number)"
                            let reply = try await client.send(RedisCommand("ECHO").arg(text))
                            #expect(reply.string == text)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("A pipeline's replies are in order, errors among them")
    func pipeline() async throws {
        let server = try RedisServer()
        try await withClient(configuration(server)) { client in
            let key = RedisKey("k")
            let replies = try await client.pipeline([
                RedisCommand("SET").key(key).arg("1"), RedisCommand("INCR").key(key),
                RedisCommand("HGET").key(key).arg("x"), RedisCommand("GET").key(key),
            ])
            #expect(replies.map(\.serverError?.prefix) == [nil, nil, "WRONGTYPE", nil])
            #expect(replies.last?.string == "2")
            #expect(try await client.pipeline([]).isEmpty)
            #expect(try await client.pipeline([RedisCommand("PING")]) == [.simple("PONG")])
        }
    }

    @Test("An error reply is thrown with its code")
    func errorReply() async throws {
        let server = try RedisServer()
        try await withClient(configuration(server)) { client in
            let error = await redisError { _ = try await client.send(RedisCommand("NOSUCHCOMMAND")) }
            #expect(error?.code == .server && error?.prefix == "ERR")
        }
    }

    @Test("On its loop a connection takes two commands with one answer, in one write with others")
    func onLoop() async throws {
        let server = try RedisServer()
        try await withClient(configuration(server), loops: 1) { client in
            _ = try await client.send(RedisCommand("SET").key(RedisKey("a")).arg("1"))
            let connection = try #require(try await anyConnection(client))
            let loop = connection.eventLoop
            let promise = loop.makePromise(of: [String].self)
            loop.execute {
                #expect(client.connection(on: loop) === connection)
                var seen: [String] = []
                connection.send(RedisCommand("ECHO").arg("first")) { result in
                    seen.append((try? result.get())?.string ?? "?")
                }
                connection.send(
                    RedisCommand("GET").key(RedisKey("a")),
                    RedisCommand("GET").key(RedisKey("b"))
                ) { result in
                    if case .success((let one, let two)) = result, two == .null {
                        seen.append(one.string ?? "?")
                    }
                }
                connection.send(RedisCommand("GET").key(RedisKey("a")), RedisCommand("NOSUCHCOMMAND")) {
                    result in
                    if case .failure(let error) = result { seen.append(error.prefix) }
                    promise.succeed(seen)
                }
            }
            #expect(try await promise.futureResult.get() == ["first", "1", "ERR"])
        }
    }

    private func anyConnection(_ client: RedisClient) async throws -> RedisConnection? {
        client.topology.links(for: nil).board.anyConnection()
    }

    @Test("The queue of a connection has a bound")
    func bound() async throws {
        let server = try RedisServer()
        var configuration = configuration(server)
        configuration.maxPendingPerConnection = 10
        try await withClient(configuration, loops: 1) { client in
            let commands = Array(repeating: RedisCommand("PING"), count: 11)
            let error = await redisError { _ = try await client.pipeline(commands) }
            #expect(error?.code == .overloaded && error?.mayHaveExecuted == false)
            let replies = try await client.pipeline(Array(commands.dropLast()))
            #expect(replies.count == 10)
        }
    }

    @Test("Ten thousand ECHOs, one in ten cancelled: no reply is another's")
    func cancellation() async throws {
        let server = try RedisServer()
        try await withClient(configuration(server)) { client in
            let counts = await withTaskGroup(of: (own: Int, cancelled: Int, wrong: Int).self) { group in
                for task in 0..<10 {
                    group.addTask {
                        var generator = SeededGenerator(seed: UInt64(task))
                        var counts = (own: 0, cancelled: 0, wrong: 0)
                        for number in 0..<1000 {
                            let text = "\(task):\(number)"
                            let call = Task { try await client.send(RedisCommand("ECHO").arg(text)).string }
                            if Int.random(in: 0..<10, using: &generator) == 0 {
                                if Bool.random(using: &generator) { await Task.yield() }
                                call.cancel()
                            }
                            switch await call.result {
                            case .success(text): counts.own += 1
                            case .success: counts.wrong += 1
                            case .failure(let error as RedisError) where error.code == .cancelled:
                                counts.cancelled += 1
                            case .failure: counts.wrong += 1
                            }
                        }
                        return counts
                    }
                }
                return await group.reduce((0, 0, 0)) { ($0.0 + $1.own, $0.1 + $1.cancelled, $0.2 + $1.wrong) }
            }
            #expect(counts.2 == 0)
            #expect(counts.0 >= 9000 - 300 && counts.1 > 0 && counts.0 + counts.1 == 10_000)
        }
    }

    @Test("Shutting down answers everything that is pending, and refuses what comes later")
    func shutdown() async throws {
        let server = try RedisServer()
        try await withClient(configuration(server)) { client in
            server.pause()
            let calls = (0..<20).map { _ in
                Task { await redisError { _ = try await client.send(RedisCommand("PING")) }?.code }
            }
            await Task.yield()
            await client.shutdown()
            for call in calls {
                let code = await call.value
                #expect(code == .connectionLost || code == .unavailable)
            }
            let late = await redisError { _ = try await client.send(RedisCommand("PING")) }
            #expect(late?.code == .unavailable)
            #expect(!client.isReady)
            await #expect(throws: RedisError.self) { try await client.waitUntilReady() }
        }
    }

    @Test("Waiting for Redis can be cancelled")
    func cancelledWait() async throws {
        try await withClient(configuration(path: "/tmp/no-such.sock"), waitUntilReady: false) { client in
            let waiting = Task { try await client.waitUntilReady() }
            waiting.cancel()
            #expect(await redisError { try await waiting.value }?.code == .cancelled)
            let error = await redisError { _ = try await client.send(RedisCommand("PING")) }
            #expect(error?.code == .unavailable)
        }
    }
}

@Suite("Ways to a real Redis")
struct TransportTests {
    private func ping(_ configuration: RedisConfiguration) async throws -> RedisValue {
        try await withClient(configuration) { try await $0.send(RedisCommand("PING")) }
    }

    private func refusal(_ configuration: RedisConfiguration) async throws -> String {
        try await withClient(configuration, waitUntilReady: false) { client in
            var message = "not connected yet"
            _ = await eventually {
                message = await redisError { _ = try await client.send(RedisCommand("PING")) }?.message ?? ""
                return message != "not connected yet"
            }
            return message
        }
    }

    @Test("TCP, by address and by name")
    func tcp() async throws {
        var options = RedisServer.Options()
        options.tcp = true
        let server = try RedisServer(options)
        let port = try #require(server.port)
        for host in ["127.0.0.1", "localhost"] {
            var configuration = configuration(server)
            configuration.endpoint = .tcp(host, port: port)
            #expect(try await ping(configuration) == .simple("PONG"))
        }
    }

    @Test("TLS, verified by name and by address; a certificate that nobody vouches for is refused")
    func tls() async throws {
        var options = RedisServer.Options()
        options.tls = true
        let server = try RedisServer(options)
        let port = try #require(server.tlsPort)
        let trusted = RedisEndpoint.TLS(trust: .file(path: server.certificatePath))
        for endpoint: RedisEndpoint in [
            .tcp("127.0.0.1", port: port, tls: trusted), .tcp("localhost", port: port, tls: trusted),
            .tcp("127.0.0.1", port: port, tls: .init(trust: trusted.trust, serverName: "localhost")),
            .tcp("127.0.0.1", port: port, tls: .init(trust: .insecureAny)),
        ] {
            var configuration = configuration(server)
            configuration.endpoint = endpoint
            #expect(try await ping(configuration) == .simple("PONG"))
        }
        for tls: RedisEndpoint.TLS in [.init(), .init(trust: .file(path: "/no/such/file.pem"))] {
            var configuration = configuration(server)
            configuration.endpoint = .tcp("127.0.0.1", port: port, tls: tls)
            let reason = try await refusal(configuration)
            #expect(reason.contains("handshakeFailed") || reason.contains("NIOSSL"), "\(tls): \(reason)")
        }
    }

    @Test("A certificate for another name is refused, unless that name is expected")
    func otherName() async throws {
        var options = RedisServer.Options()
        options.tls = true
        options.certificateNames = "DNS:other.example"
        let server = try RedisServer(options)
        let port = try #require(server.tlsPort)
        let trust = RedisEndpoint.TLS.Trust.file(path: server.certificatePath)
        var configuration = configuration(server)
        configuration.endpoint = .tcp(
            "localhost",
            port: port,
            tls: .init(trust: trust, serverName: "other.example")
        )
        #expect(try await ping(configuration) == .simple("PONG"))
        for host in ["localhost", "127.0.0.1"] {
            configuration.endpoint = .tcp(host, port: port, tls: .init(trust: trust))
            #expect(try await refusal(configuration).contains("failedToValidateHostname"))
        }
    }

    @Test("The default user's password: right, wrong, missing")
    func password() async throws {
        var options = RedisServer.Options()
        options.password = "sesame"
        let server = try RedisServer(options)
        var configuration = configuration(server)
        configuration.password = "sesame"
        #expect(try await ping(configuration) == .simple("PONG"))
        configuration.password = "wrong"
        #expect(try await refusal(configuration).contains("WRONGPASS"))
        configuration.password = nil
        #expect(try await refusal(configuration).contains("NOAUTH"))
    }

    @Test("An ACL user with few rights, a name and a database")
    func aclUser() async throws {
        var options = RedisServer.Options()
        options.acl = [
            "user default off",
            "user app on >sesame ~pc:* +ping +info +select +get +set +client|setname +client|list",
        ]
        let server = try RedisServer(options)
        var configuration = configuration(server)
        configuration.username = "app"
        configuration.password = "sesame"
        configuration.database = 3
        configuration.clientName = "portcullis"
        try await withClient(configuration) { client in
            let list = try await client.send(RedisCommand("CLIENT").arg("LIST")).string ?? ""
            #expect(list.contains("name=portcullis") && list.contains("db=3") && list.contains("user=app"))
            _ = try await client.send(RedisCommand("SET").key(RedisKey("pc:a")).arg("1"))
            let error = await redisError {
                _ = try await client.send(RedisCommand("GET").key(RedisKey("other")))
            }
            #expect(error?.prefix == "NOPERM")
        }
    }
}
