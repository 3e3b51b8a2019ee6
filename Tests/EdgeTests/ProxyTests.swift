import APIValidation
import Foundation
import TestSupport
import Testing

/// The real proxies with the configurations that we recommend, each between a client, a gateway and an application
/// that says what it was sent.
@Suite(.serialized) struct ProxyTests {
    /// What a test has around it.
    struct Scene: Sendable {
        let redis: RedisServer
        let gateway: GatewayProcess
        /// The proxy's front.
        let client: HTTPClient
        /// The gateway without the proxy.
        let direct: HTTPClient

        func get(_ token: String, _ more: [(String, String)] = []) async throws -> HTTPAnswer {
            try await client.send(
                HTTPCall("GET", "/page?x=1", headers: [("Cookie", "a=b; session_token=\(token)")] + more)
            )
        }
    }

    /// What clients claim to be, in every spelling that some application might read.
    static let claims = [
        ("X-Session-User", "mallory"), ("x-session-roles", "mallory"), ("X-Session-Organization", "mallory"),
        ("Remote-User", "mallory"), ("Remote-Groups", "mallory"), ("X-Auth-Request-User", "mallory"),
        ("X-Auth-Request-Groups", "mallory"), ("X_Session_User", "mallory"), ("X-Forwarded-For", "mallory"),
    ]
    static let page = ("Accept", "text/html,*/*")

    @Test("Debian's packages are there", arguments: Proxy.allCases)
    func isInstalled(_ proxy: Proxy) {
        #expect(proxy.program != nil, "ops/test installs \(proxy)")
    }

    @Test(.timeLimit(.minutes(5)), arguments: Proxy.allCases)
    func asvs413TheApplicationLearnsWhoItIsFromTheGatewayAlone(_ proxy: Proxy) async throws {
        try await withScene(proxy) { scene in
            let alice = try await scene.direct.create(
                user: "alice",
                more: #","organization":"acme","roles":["reader","writer"],"factors":["password"]"#
            )
            let first = try await scene.get(alice.token, Self.claims)
            #expect(first.status == 200)
            let seen = try first.decoded(EchoServer.Seen.self)
            #expect(seen.uri == "/page?x=1")
            #expect(seen.values("x-session-user") == ["alice"])
            #expect(seen.values("x-session-id") == [alice.session.id])
            #expect(seen.values("x-session-organization") == ["acme"])
            #expect(seen.values("x-session-roles") == ["reader,writer"])
            #expect(seen.values("x-session-factors") == ["password"])
            #expect(seen.values("x-session-expires").count == 1)
            #expect(seen.values("x-session-auth-time").count == 1)
            #expect(!first.text.contains("mallory"), "\(first.text)")
            // A session without organization and roles: what is claimed is taken out, not left as it is.
            let bare = try await scene.direct.create(user: "bob with ä blank")
            let second = try await scene.get(bare.token, Self.claims)
            let identity = try second.decoded(EchoServer.Seen.self)
            #expect(identity.values("x-session-user") == ["bob%20with%20%C3%A4%20blank"])
            #expect(identity.values("x-session-organization").isEmpty)
            #expect(identity.values("x-session-roles").isEmpty)
            #expect(!second.text.contains("mallory"), "\(second.text)")
            // Any method, with a body, which only the application sees.
            let post = try await scene.client.send(
                HTTPCall("POST", "/form", headers: [("Authorization", "Bearer \(alice.token)")], body: "a=1")
            )
            #expect(post.status == 200)
            #expect(try post.decoded(EchoServer.Seen.self).method == "POST")
            // A WebSocket goes through, and the application knows whose it is.
            let upgrade = try await Self.upgrade(scene.client.port, alice.token)
            #expect(upgrade.hasPrefix("HTTP/1.1 101 "), "\(upgrade)")
            #expect(upgrade.lowercased().contains("x-seen-user: alice\r\n"), "\(upgrade)")
            #expect(try await Self.upgrade(scene.client.port, "x").hasPrefix("HTTP/1.1 401 "))
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Proxy.allCases)
    func whoHasNoGoodTokenIsToldOrSentToTheLoginPage(_ proxy: Proxy) async throws {
        let login = "https://login.example/start"
        let flags = [
            "--login-url", login, "--login-return-hosts", "app.example", "--trusted-proxies", "127.0.0.1",
        ]
        try await withScene(proxy, flags: flags) { scene in
            // Programs are told.
            let none = try await scene.client.send(HTTPCall("GET", "/page", headers: Self.claims))
            #expect(none.status == 401)
            #expect(none.header("WWW-Authenticate")?.hasPrefix("Bearer") ?? false)
            #expect(none.header("Content-Type") == "application/problem+json")
            #expect(none.text.contains(#""code":"unauthenticated""#))
            let created = try await scene.direct.create(user: "carol")
            #expect(try await scene.direct.send(.end(created.session.id)).receipt != nil)
            let ended = try await scene.get(created.token)
            #expect(
                ended.status == 401 && ended.text.contains(#""error":"Session expired""#),
                "\(ended.text)"
            )
            #expect(try await scene.get("forged").text.contains(#""error":"Invalid session""#))
            let script = [Self.page, ("X-Requested-With", "XMLHttpRequest")]
            #expect(try await scene.get("forged", script).status == 401)
            let form = HTTPCall("POST", "/form", headers: [Self.page], body: "a=1")
            #expect(try await scene.client.send(form).status == 401)
            let two = ("Cookie", "session_token=\(created.token); session_token=x")
            #expect(try await scene.client.send(HTTPCall("GET", "/", headers: [two])).status == 400)

            // People are shown where to log in, with the way back if it is one of ours.
            let call = HTTPCall("GET", "/page?x=1", headers: [Self.page] + Self.claims)
            let redirect = try await scene.client.send(call)
            #expect(redirect.status == 302, "\(redirect.status) \(redirect.text)")
            #expect(redirect.header("Location") == login, "127.0.0.1 is not a host of the list")
            #expect(redirect.all("Set-Cookie").isEmpty)
            let location = try await Self.location(scene.client.port, host: "app.example", path: "/page?x=1")
            #expect(location == login + "?return_to=http%3A%2F%2Fapp.example%2Fpage%3Fx%3D1")
            #expect(try await Self.location(scene.client.port, host: "evil.example", path: "/") == login)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Proxy.allCases)
    func anOutageLetsNobodyInAndLogsNobodyOut(_ proxy: Proxy) async throws {
        try await withScene(proxy) { scene in
            let alice = try await scene.direct.create(user: "alice")
            scene.redis.pause()
            let isUnavailable = try await becomesTrue {
                let answer = try await scene.get(alice.token, [Self.page])
                #expect([200, 503].contains(answer.status))
                #expect(answer.all("Set-Cookie").isEmpty)
                guard answer.status == 503 else { return false }
                #expect(answer.header("Retry-After") == "1")
                return true
            }
            scene.redis.resume()
            #expect(isUnavailable)
            let isBack = try await becomesTrue { try await scene.get(alice.token).status == 200 }
            #expect(isBack)

            // Revoked: the very next request.
            for round in 0..<50 {
                let created = try await scene.direct.create(user: "user-\(round)")
                #expect(try await scene.get(created.token).status == 200)
                #expect(try await scene.direct.send(.end(created.session.id)).receipt != nil)
                #expect(try await scene.get(created.token).status == 401)
            }

            // The gateway itself away: nobody is let in.
            scene.gateway.stop()
            let closed = try await scene.get(alice.token)
            #expect(closed.status == proxy.statusWithoutGateway)
            #expect(closed.all("Set-Cookie").isEmpty)
        }
    }

    /// What clients say of their request as only proxies may. None of it is true.
    static let tales = [
        ("X-Original-URL", "https://app.example/tale"), ("X-Original-Method", "DELETE"),
        ("X-Forwarded-Method", "DELETE"), ("X-Forwarded-Uri", "/tale"), ("X-Forwarded-Host", "tale.example"),
        ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "192.0.2.66"),
    ]

    /// By the question that the proxy asks: the gateway has a mind of its own about what it believes.
    @Test(.timeLimit(.minutes(5)), arguments: Proxy.allCases)
    func asvs413TheGatewayLearnsWhatWasAskedFromTheProxyAlone(_ proxy: Proxy) async throws {
        let asked = Mutexed<[EchoServer.Seen]>([])
        // nginx asks again for whoever is refused.
        let gateway = try await EchoServer.start(status: 401) { seen in
            asked.withLock { $0.append(seen) }
        }
        let directory = FileManager.default.temporaryDirectory.appending(path: "proxy-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await withProxy(proxy, directory, gateway: gateway.port) { client in
            asked.withLock { $0 = [] }
            let call = HTTPCall("POST", "/page?x=1", headers: Self.tales, body: "a=1")
            let answer = try await client.send(call)
            #expect(answer.status == 401)
            let questions = asked.withLock { $0 }
            #expect(questions.count == (proxy == .nginx ? 2 : 1))
            for question in questions {
                #expect(question.method == "GET")
                #expect(question.values("x-original-url").isEmpty)
                #expect(question.values("x-original-method").isEmpty)
                #expect(question.values("x-forwarded-method") == ["POST"])
                #expect(question.values("x-forwarded-uri") == ["/page?x=1"])
                #expect(question.values("x-forwarded-proto") == ["http"])
                #expect(question.values("x-forwarded-for") == ["127.0.0.1"])
                let hosts = question.values("x-forwarded-host")
                #expect(hosts == ["127.0.0.1"] || hosts == ["127.0.0.1:\(client.port)"])
            }
        }
        try await gateway.stop()
    }

    @Test(.timeLimit(.minutes(5)), arguments: Proxy.allCases)
    func asvs413WhatClientsSayOfARequestLeavesNoTrace(_ proxy: Proxy) async throws {
        let login = "https://login.example/start"
        let flags = [
            "--login-url", login, "--login-return-hosts", "app.example,tale.example",
            "--trusted-proxies", "127.0.0.1", "--record-activity",
        ]
        try await withScene(proxy, flags: flags) { scene in
            let alice = try await scene.direct.create(user: "alice")
            // Each by itself, for one may hide what another does, and all at once.
            for tales in Self.tales.map({ [$0] }) + [Self.tales] {
                let way = try await Self.location(scene.client.port, host: "app.example", path: "/a", tales)
                #expect(way == login + "?return_to=http%3A%2F%2Fapp.example%2Fa", "\(tales)")
                #expect(try await scene.get(alice.token, tales).status == 200)
            }
            let last = HTTPCall("PUT", "/last", headers: [("Authorization", "Bearer \(alice.token)")])
            #expect(try await scene.client.send(last).status == 200)
            let timeline = HTTPCall.service("GET", "/api/admin/sessions/\(alice.session.id)/activity")
            var lines: Set<String> = []
            let isThere = try await becomesTrue {
                let entries = try await scene.direct.send(timeline).decoded(Timeline.self).entries
                lines = Set(entries.map { "\($0.method) \($0.path)" })
                return lines.contains("PUT /last")
            }
            #expect(isThere && lines == ["GET /page", "PUT /last"], "\(lines)")
        }
    }

    private struct Timeline: Decodable {
        struct Entry: Decodable {
            let method: String
            let path: String
        }

        let entries: [Entry]
    }

    /// As long as ``InputRules`` and ``NewSession`` let it be, of letters that have to be percent-encoded.
    @Test(.timeLimit(.minutes(5)), arguments: Proxy.allCases)
    func theLargestIdentityArrives(_ proxy: Proxy) async throws {
        try await withScene(proxy) { scene in
            let token = try await Self.createLargest(scene).token
            let plain = try await scene.get(token)
            #expect(plain.status == 200, "\(plain.text)")
            #expect(try Self.isLargest(plain))
            // Beside a large request, and beside one that may be too large: there is no half of an identity.
            let field = String(repeating: "a", count: 7_000)
            let large = try await scene.get(token, [("X-A", field)])
            #expect(large.status == 200, "\(large.text.prefix(300))")
            #expect(try Self.isLargest(large))
            for count in 2...5 {
                let fields = (0..<count).map { ("X-\($0)", field) }
                let answer = try? await scene.get(token, fields)
                if let answer, answer.status == 200 {
                    #expect(try Self.isLargest(answer))
                }
            }
            // For a browser some proxies ask in another way.
            #expect(try await scene.get(token, [Self.page]).status == 200)
        }
    }

    /// HAProxy leaves out what finds no room.
    @Test(.timeLimit(.minutes(5))) func halfOfAnIdentityIsNone() async throws {
        try await withScene(.haproxy, flaw: .noRoom) { scene in
            let token = try await Self.createLargest(scene).token
            #expect(try await scene.get(token).status == 200)
            let field = String(repeating: "a", count: 7_000)
            #expect(try await scene.get(token, [("X-A", field)]).status == 503)
        }
    }

    private static let largestName = String(repeating: "ж", count: 128)

    private static func createLargest(_ scene: Scene) async throws -> CreatedAnswer {
        func list(_ count: UInt32) -> String {
            let letters = (0..<count).compactMap { Unicode.Scalar(0x0430 + $0) }
            return letters.map { "\"" + String(repeating: "ж", count: 31) + "\($0)\"" }.joined(separator: ",")
        }
        return try await scene.direct.create(
            user: largestName,
            more: #","organization":"\#(largestName)","roles":[\#(list(32))],"factors":[\#(list(8))]"#
        )
    }

    private static func isLargest(_ answer: HTTPAnswer) throws -> Bool {
        let seen = try answer.decoded(EchoServer.Seen.self)
        // A byte is three characters, and commas stand between.
        return seen.values("x-session-user").map(\.count) == [768]
            && seen.values("x-session-organization").map(\.count) == [768]
            && seen.values("x-session-roles").map(\.count) == [32 * 192 + 31]
            && seen.values("x-session-factors").map(\.count) == [8 * 192 + 7]
            && seen.values("x-session-id").count == 1
            && seen.values("x-session-expires").count == 1
            && seen.values("x-session-auth-time").count == 1
    }

    /// A mistake in a script must not open the door.
    @Test(.timeLimit(.minutes(5)), arguments: [Proxy.haproxy, .apache])
    func aBrokenScriptLetsNobodyIn(_ proxy: Proxy) async throws {
        try await withScene(proxy, flaw: .brokenScript) { scene in
            let alice = try await scene.direct.create(user: "alice")
            #expect(try await scene.get(alice.token).status >= 500)
            #expect(try await scene.direct.check(alice.token) == 204)
        }
    }

    private func withScene(
        _ proxy: Proxy,
        flags: [String] = [],
        flaw: Proxy.Flaw? = nil,
        _ test: (Scene) async throws -> Void
    ) async throws {
        let redis = try RedisServer()
        let gateway = try GatewayProcess(
            redisURL: "unix://\(redis.socketPath)",
            secrets: GatewaySecrets(directory: redis.directory),
            directory: redis.directory,
            flags: flags
        )
        try await gateway.waitUntilReady()
        try await withProxy(proxy, redis.directory, gateway: gateway.port, flaw: flaw) { client in
            let direct = HTTPClient.ofGateway(port: gateway.port)
            try await test(Scene(redis: redis, gateway: gateway, client: client, direct: direct))
        }
    }

    /// A proxy between a client, what it takes for the gateway, and an application.
    private func withProxy(
        _ proxy: Proxy,
        _ directory: URL,
        gateway: Int,
        flaw: Proxy.Flaw? = nil,
        _ test: (HTTPClient) async throws -> Void
    ) async throws {
        let application = try await EchoServer.start()
        let port = try freePort()
        let process = try proxy.start(
            directory,
            Proxy.Addresses(listen: port, gateway: gateway, application: application.port),
            flaw: flaw
        )
        defer {
            kill(process, SIGKILL)
            ChildProcess.wait(process)
        }
        let client = HTTPClient(port: port)
        let isUp = await becomesTrue {
            guard let answer = try? await client.send(HTTPCall("GET", "/")) else { return false }
            return flaw == .brokenScript ? answer.status >= 500 : answer.status == 401
        }
        try #require(isUp, "\(proxy): \(proxy.log(directory))")
        try await test(client)
        try await application.stop()
    }

    /// The head of the answer to a request to become a WebSocket.
    private static func upgrade(_ port: Int, _ token: String) async throws -> String {
        let connection = try RawConnection(port: port)
        connection.write(
            """
            GET /socket HTTP/1.1\r\nHost: app.example\r\nCookie: session_token=\(token)\r\n\
            X-Session-User: mallory\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
            Sec-WebSocket-Key: \(EchoServer.webSocketKey)\r\n\r\n
            """
        )
        return await head(connection)
    }

    /// Where a browser without a session is sent that asks for a page of a host.
    private static func location(
        _ port: Int,
        host: String,
        path: String,
        _ more: [(String, String)] = []
    ) async throws -> String? {
        let connection = try RawConnection(port: port)
        let lines = [("Host", host), Self.page, ("Connection", "close")] + more
        connection.write(
            "GET \(path) HTTP/1.1\r\n" + lines.map { "\($0): \($1)\r\n" }.joined() + "\r\n"
        )
        return await head(connection).components(separatedBy: "\r\n")
            .first { $0.lowercased().hasPrefix("location: ") }.map { String($0.dropFirst(10)) }
    }

    private static func head(_ connection: RawConnection) async -> String {
        let end = Array("\r\n\r\n".utf8)
        let read = await connection.read(within: .seconds(10)) { $0.contains(end) }
        return String(decoding: read.bytes, as: UTF8.self)
    }
}
