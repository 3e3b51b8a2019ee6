import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing

/// The real nginx with the configuration that we recommend, between a client, a gateway and an application that
/// says what it was sent.
@Suite(.serialized) struct NginxTests {
    static let configuration = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../ops/proxies/nginx/portcullis.conf").standardized
    static let nginx = ["/usr/sbin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test(.enabled(if: nginx != nil, "nginx is not installed"), .timeLimit(.minutes(5)))
    func authRequestPassesIdentityAndNothingElse() async throws {
        let redis = try RedisServer()
        let gateway = try GatewayProcess(
            redisURL: "unix://\(redis.socketPath)",
            secrets: GatewaySecrets(directory: redis.directory),
            directory: redis.directory
        )
        let application = try await EchoServer.start()
        let port = try freePort()
        let process = try startNginx(
            redis.directory,
            port: port,
            gateway: gateway.port,
            application: application.port
        )
        defer {
            kill(process, SIGKILL)
            ChildProcess.wait(process)
        }
        try await gateway.waitUntilReady()
        let proxy = HTTPClient(port: port)
        let isUp = await becomesTrue { (try? await proxy.send(HTTPCall("GET", "/")))?.status == 401 }
        try #require(isUp, "nginx: \(log(redis.directory))")

        let direct = HTTPClient(port: gateway.port)
        let alice = try await direct.create(
            user: "alice",
            more: #","organization":"acme","roles":["reader","writer"],"factors":["password"]"#
        )
        let bare = try await direct.create(user: "bob with ä blank")
        let spoofed = [
            ("X-Session-User", "mallory"), ("x-session-roles", "admin"), ("X-Session-Organization", "evil"),
            ("Remote-User", "mallory"), ("X-Auth-Request-User", "mallory"), ("X_Session_User", "mallory"),
        ]
        func get(_ token: String, _ more: [(String, String)] = []) async throws -> HTTPAnswer {
            let call = HTTPCall(
                "GET",
                "/page?x=1",
                headers: [("Cookie", "a=b; session_token=\(token)")] + more
            )
            return try await proxy.send(call)
        }

        // With a good token: the application sees the identity, and of what the client claims nothing.
        let first = try await get(alice.token, spoofed)
        #expect(first.status == 200)
        let seen = try first.decoded(EchoServer.Seen.self)
        #expect(seen.uri == "/page?x=1")
        #expect(seen.values("x-session-user") == ["alice"])
        #expect(seen.values("x-session-id") == [alice.session.id])
        #expect(seen.values("x-session-organization") == ["acme"])
        #expect(seen.values("x-session-roles") == ["reader,writer"])
        #expect(seen.values("x-session-factors") == ["password"])
        #expect(seen.values("x-session-expires").count == 1)
        #expect(!String(decoding: first.body, as: UTF8.self).contains("mallory"))
        // A session without organisation and roles: what is claimed is taken out, not left as it is.
        let second = try await get(bare.token, spoofed).decoded(EchoServer.Seen.self)
        #expect(second.values("x-session-user") == ["bob%20with%20%C3%A4%20blank"])
        #expect(second.values("x-session-organization").isEmpty)
        #expect(second.values("x-session-roles").isEmpty)
        // Any method, with a body, which only the application sees.
        let post = try await proxy.send(
            HTTPCall("POST", "/form", headers: [("Authorization", "Bearer \(alice.token)")], body: "a=1")
        )
        #expect(post.status == 200)
        #expect(try post.decoded(EchoServer.Seen.self).method == "POST")

        // Without one.
        let none = try await proxy.send(HTTPCall("GET", "/page", headers: spoofed))
        #expect(none.status == 401)
        #expect(none.header("WWW-Authenticate")?.hasPrefix("Bearer") ?? false)
        #expect(try await get(String(repeating: "E", count: 64)).status == 401)
        let two = try await proxy.send(
            HTTPCall(
                "GET",
                "/",
                headers: [("Cookie", "session_token=\(alice.token); session_token=\(bare.token)")]
            )
        )
        #expect(two.status == 400)

        // Redis away: 503, and the cookie stays.
        redis.pause()
        let isUnavailable = try await becomesTrue {
            let answer = try await get(alice.token)
            #expect([200, 503].contains(answer.status))
            #expect(answer.all("Set-Cookie").isEmpty)
            guard answer.status == 503 else { return false }
            #expect(answer.header("Retry-After") == "1")
            return true
        }
        redis.resume()
        #expect(isUnavailable)
        let isBack = try await becomesTrue { try await get(alice.token).status == 200 }
        #expect(isBack)

        // Revoked: the very next request.
        for round in 0..<50 {
            let created = try await direct.create(user: "user-\(round)")
            #expect(try await get(created.token).status == 200)
            #expect(try await direct.send(.end(created.session.id)).receipt != nil)
            #expect(try await get(created.token).status == 401)
        }

        // The gateway itself away: nobody is let in.
        gateway.stop()
        #expect(try await get(alice.token).status == 503)
        try await application.stop()
    }

    private func startNginx(_ directory: URL, port: Int, gateway: Int, application: Int) throws -> Int32 {
        let text = try String(contentsOf: Self.configuration, encoding: .utf8)
            .replacing("127.0.0.1:7171", with: "127.0.0.1:\(gateway)")
            .replacing("127.0.0.1:8080", with: "127.0.0.1:\(application)")
            .replacing("127.0.0.1:8000", with: "127.0.0.1:\(port)")
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(directory.path)/nginx-\($0);" }.joined(separator: "\n")
        let whole = """
            daemon off;
            master_process off;
            pid \(directory.path)/nginx.pid;
            error_log \(directory.path)/nginx.log;
            events { worker_connections 256; }
            http {
            access_log off;
            \(temporary)
            \(text)
            }
            """
        let path = directory.appending(path: "nginx.conf").path
        try Data(whole.utf8).write(to: URL(filePath: path))
        return try ChildProcess.spawn(
            [Self.nginx ?? "nginx", "-p", directory.path, "-e", "\(directory.path)/nginx.log", "-c", path],
            output: "\(directory.path)/nginx.log"
        )
    }

    private func log(_ directory: URL) -> String {
        (try? String(contentsOf: directory.appending(path: "nginx.log"), encoding: .utf8)) ?? ""
    }
}

/// An application that answers with what it was sent.
private struct EchoServer {
    struct Seen: Codable {
        let method: String
        let uri: String
        let headers: [[String]]

        func values(_ name: String) -> [String] {
            headers.filter { $0.first?.lowercased() == name }.compactMap(\.last)
        }
    }

    private let channel: any Channel
    var port: Int { channel.localAddress?.port ?? 0 }

    static func start() async throws -> EchoServer {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return EchoServer(channel: channel)
    }

    func stop() async throws { try await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private var head: HTTPRequestHead?

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body: break
            case .end:
                guard let head else { return }
                let seen = Seen(
                    method: head.method.rawValue,
                    uri: head.uri,
                    headers: head.headers.map { [$0.name, $0.value] }
                )
                let body = ByteBuffer(bytes: (try? JSONEncoder().encode(seen)) ?? Data())
                let headers = HTTPHeaders([("Content-Length", "\(body.readableBytes)")])
                let response = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
                context.write(wrapOutboundOut(.head(response)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
