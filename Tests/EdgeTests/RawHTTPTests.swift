import Foundation
import TestSupport
import Testing

/// What comes over the wire and is not as it should be: a clear answer, never a second request hidden in the first,
/// and the process lives on.
@Suite(.serialized) struct RawHTTPTests {
    /// A request, and how it may be answered.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let statuses: Set<Int>
        /// Whether the connection has to be closed, because where the next request begins is anybody's guess.
        var closes = false
        var testDescription: String { name }

        init(_ name: String, _ text: String, _ statuses: Set<Int>, closes: Bool = false) {
            self.init(name, Array(text.utf8), statuses, closes: closes)
        }

        init(_ name: String, _ bytes: [UInt8], _ statuses: Set<Int>, closes: Bool = false) {
            self.name = name
            self.bytes = bytes
            self.statuses = statuses
            self.closes = closes
        }
    }

    private static let key = "X-Service-Key: \(GatewaySecrets.serviceKey)\r\n"
    /// What a smuggler would like to run: its answer is the only 201.
    private static let canaryBody = #"{"userId":"canary"}"#
    private static let canary =
        "POST /api/sessions HTTP/1.1\r\nHost: a\r\n\(key)Content-Type: application/json\r\n"
        + "Content-Length: \(canaryBody.utf8.count)\r\n\r\n\(canaryBody)"

    private static func post(
        _ body: String,
        type: String = "application/json",
        path: String = "/api/sessions"
    ) -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\n\(key)Content-Type: \(type)\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func check(_ headers: String) -> String {
        "GET /check HTTP/1.1\r\nHost: a\r\n\(headers)\r\n"
    }

    private static func bytes(_ head: String, _ body: [UInt8]) -> [UInt8] {
        Array("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body
    }

    private static let postHead =
        "POST /api/sessions HTTP/1.1\r\nHost: a\r\n\(key)Content-Type: application/json\r\n"

    /// Framing that two programs may read differently. Each is followed by the canary.
    static let smuggling: [Row] = [
        Row(
            "Content-Length and Transfer-Encoding",
            "POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            [400],
            closes: true
        ),
        Row(
            "Transfer-Encoding and Content-Length",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
            [400],
            closes: true
        ),
        Row(
            "two Content-Lengths",
            "POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 4\r\n\r\n",
            [400],
            closes: true
        ),
        Row(
            "Content-Length list",
            "POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: 0, 4\r\n\r\n",
            [400],
            closes: true
        ),
        Row(
            "signed Content-Length",
            "POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: +0\r\n\r\n",
            [400],
            closes: true
        ),
        Row(
            "negative Content-Length",
            "POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            [400],
            closes: true
        ),
        Row(
            "hexadecimal Content-Length",
            "POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: 0x0\r\n\r\n",
            [400],
            closes: true
        ),
        Row(
            "space before the colon",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            [400],
            closes: true
        ),
        Row(
            "unknown transfer coding",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            [400],
            closes: true
        ),
        Row(
            "chunked not last",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            [400, 501],
            closes: true
        ),
        Row(
            "bad chunk size",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
            [400, 401],
            closes: true
        ),
        Row("obs-fold", "GET /check HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n", [400], closes: true),
        Row("bare LF in the head", "GET /check HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n", [400], closes: true),
        Row("bare LF throughout", "GET /check HTTP/1.1\nHost: a\n\n", [400], closes: true),
        Row("bare CR", "GET /check HTTP/1.1\r\nHost: a\rX-A: b\r\n\r\n", [400], closes: true),
        Row(
            "NUL in a value",
            Array("GET /check HTTP/1.1\r\nHost: a\r\nX-A: b".utf8) + [0] + Array("c\r\n\r\n".utf8),
            [400],
            closes: true
        ),
        Row("no colon", "GET /check HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", [400], closes: true),
        Row("empty name", "GET /check HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", [400], closes: true),
        Row("no host", "GET /check HTTP/1.1\r\n\r\n", [400], closes: true),
        Row("two hosts", "GET /check HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", [400], closes: true),
        Row("HTTP/0.9", "GET /check\r\n\r\n", [400, 505], closes: true),
        Row(
            "another protocol",
            Array([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00]) + Array("\r\n\r\n".utf8),
            [400],
            closes: true
        ),
        Row(
            "64 KB request line",
            "GET /\(String(repeating: "a", count: 65536)) HTTP/1.1\r\nHost: a\r\n\r\n",
            [400, 414, 431],
            closes: true
        ),
        Row("200 headers", check((0..<200).map { "X-\($0): a\r\n" }.joined()), [400, 431], closes: true),
        Row(
            "20 KB header",
            check("X-A: \(String(repeating: "a", count: 20_480))\r\n"),
            [400, 431],
            closes: true
        ),
        Row(
            "1 MB header",
            check("X-A: \(String(repeating: "a", count: 1 << 20))\r\n"),
            [400, 431],
            closes: true
        ),
    ]

    /// Requests that are understood and refused.
    static let refused: [Row] = [
        Row("no token", check(""), [401]),
        Row("two cookies", check("Cookie: session_token=a; session_token=b\r\n"), [400]),
        Row("two cookie headers", check("Cookie: session_token=a\r\nCookie: session_token=b\r\n"), [400]),
        Row("cookie and bearer", check("Cookie: session_token=a\r\nAuthorization: Bearer b\r\n"), [400]),
        Row("two authorizations", check("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"), [400]),
        Row(
            "quoted cookie",
            check("Cookie: session_token=\"\(String(repeating: "E", count: 64))\"\r\n"),
            [401]
        ),
        Row("empty cookie", check("Cookie: session_token=\r\n"), [401]),
        Row(
            "bearer of 10,000 characters",
            check("Authorization: Bearer \(String(repeating: "E", count: 10_000))\r\n"),
            [401]
        ),
        Row(
            "bytes beyond ASCII in a cookie",
            Array("GET /check HTTP/1.1\r\nHost: a\r\nCookie: session_token=".utf8) + [0xC3, 0x28, 0xFF]
                + Array("\r\n\r\n".utf8),
            [400, 401]
        ),
        Row("unknown path", "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", [404]),
        Row(
            "wrong method",
            "PUT /api/sessions HTTP/1.1\r\nHost: a\r\n\(key)Content-Length: 0\r\n\r\n",
            [405]
        ),
        Row("path traversal", "GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", [400, 404]),
        Row(
            "percent-encoded NUL in the path",
            "GET /api/admin/sessions/%00 HTTP/1.1\r\nHost: a\r\n\(key)\r\n",
            [400, 404]
        ),
        Row(
            "half a percent escape",
            "GET /api/admin/sessions?userId=%f HTTP/1.1\r\nHost: a\r\n\(key)\r\n",
            [400]
        ),
        Row(
            "unknown parameter",
            "DELETE /api/admin/sessions?usrId=a HTTP/1.1\r\nHost: a\r\n\(key)\r\n",
            [400]
        ),
        Row(
            "parameter twice",
            "DELETE /api/admin/sessions?userId=a&userId=b HTTP/1.1\r\nHost: a\r\n\(key)\r\n",
            [400]
        ),
        Row(
            "everyone without confirmation",
            "DELETE /api/admin/sessions?all=true HTTP/1.1\r\nHost: a\r\n\(key)\r\n",
            [400]
        ),
        Row(
            "wrong service key",
            "GET /api/admin/nodes HTTP/1.1\r\nHost: a\r\nX-Service-Key: pk_faults_wrong\r\n\r\n",
            [401]
        ),
        Row("no service key", "GET /api/admin/nodes HTTP/1.1\r\nHost: a\r\n\r\n", [401]),
        Row("an id of another shape", "DELETE /api/sessions/0000 HTTP/1.1\r\nHost: a\r\n\(key)\r\n", [404]),
        Row("an id with braces", "DELETE /api/sessions/%7B0%7D HTTP/1.1\r\nHost: a\r\n\(key)\r\n", [404]),
        Row("not JSON", post("{"), [400]),
        Row("another content type", post(canaryBody, type: "text/plain"), [415]),
        Row("JSON array", post("[]"), [400, 422]),
        Row("no user", post("{}"), [400, 422]),
        Row("empty user", post(#"{"userId":""}"#), [400, 422]),
        Row("user is a number", post(#"{"userId":1}"#), [400, 422]),
        Row("user is null", post(#"{"userId":null}"#), [400, 422]),
        Row("roles are a text", post(#"{"userId":"a","roles":"b"}"#), [400, 422]),
        Row("role with a comma", post(#"{"userId":"a","roles":["b,c"]}"#), [400, 422]),
        Row("unknown field", post(#"{"userId":"a","role":["b"]}"#), [400, 422]),
        Row("duplicate key", post(#"{"userId":"a","userId":"b"}"#), [400, 422]),
        Row("duplicate key by escape", post(#"{"userId":"a","user\u0049d":"b"}"#), [400, 422]),
        Row("NUL by escape", post(#"{"userId":"a\u0000b"}"#), [400, 422]),
        Row("raw NUL", bytes(postHead, Array(#"{"userId":"a"#.utf8) + [0] + Array(#"b"}"#.utf8)), [400]),
        Row("lone surrogate", post(#"{"userId":"\ud800"}"#), [400, 422]),
        Row(
            "invalid UTF-8",
            bytes(postHead, Array(#"{"userId":"a"#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)),
            [400]
        ),
        Row("byte order mark", bytes(postHead, [0xEF, 0xBB, 0xBF] + Array(canaryBody.utf8)), [400]),
        Row(
            "nested 10,000 deep",
            post(
                #"{"userId":"a","data":\#(String(repeating: "[", count: 10_000))\#(String(repeating: "]", count: 10_000))}"#
            ),
            [400]
        ),
        Row("newline in an id", post(#"{"userId":"a\nb"}"#), [400, 422]),
        Row("right-to-left mark in an id", post("{\"userId\":\"a\u{202E}b\"}"), [400, 422]),
        Row("id of 257 bytes", post(#"{"userId":"\#(String(repeating: "a", count: 257))"}"#), [400, 422]),
        Row(
            "data of 9 KB",
            post(#"{"userId":"a","data":"\#(String(repeating: "a", count: 9216))"}"#),
            [400, 413, 422]
        ),
        Row("number without end", post(#"{"userId":"a","data":1e999999999}"#), [201, 400, 422]),
        Row(
            "1,001 tokens",
            post(
                "{\"tokens\":[\(String(repeating: "\"a\",", count: 1000))\"a\"]}",
                path: "/api/sessions/check"
            ),
            [400, 422]
        ),
    ]

    /// What is taken although it looks odd.
    static let taken: [Row] = [
        Row("braces in an id", post(#"{"userId":"{a}:*?[]"}"#), [201]),
        Row("id of 256 bytes", post(#"{"userId":"\#(String(repeating: "a", count: 256))"}"#), [201]),
        Row("emoji in an id", post(#"{"userId":"👩‍👩‍👧"}"#), [201]),
        Row("64 headers in all", check((0..<62).map { "X-\($0): a\r\n" }.joined()), [401]),
        Row(
            "header names in capitals",
            "GET /check HTTP/1.1\r\nHOST: a\r\nAUTHORIZATION: BEARER x\r\n\r\n",
            [401]
        ),
        Row(
            "chunked body",
            "POST /api/sessions HTTP/1.1\r\nHost: a\r\n\(key)Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\(String(canaryBody.utf8.count, radix: 16))\r\n\(canaryBody.replacing("canary", with: "chunky"))\r\n0\r\n\r\n",
            [201]
        ),
        Row("absolute form", "GET http://a/check HTTP/1.1\r\nHost: a\r\n\r\n", [400, 401, 404]),
    ]

    @Test(.timeLimit(.minutes(5)))
    func smugglingIsRefusedAndTheConnectionClosed() async throws {
        try await withGateway { gateway, redis in
            for row in Self.smuggling {
                let connection = try RawConnection(port: gateway.port)
                connection.write(row.bytes)
                connection.write(Self.canary)
                let (bytes, isClosed) = await connection.read(within: .seconds(5))
                let statuses = RawConnection.statuses(bytes)
                // A closed connection whose unread input is thrown away may lose the answer as well (RFC 9112, 9.6).
                if let first = statuses.first {
                    #expect(row.statuses.contains(first), "\(row.name): \(first)")
                }
                #expect(isClosed, "\(row.name): still open after \(statuses)")
                #expect(!statuses.contains(201), "\(row.name): the hidden request ran")
                #expect(gateway.isRunning)
            }
            let sessions = try RedisProbe(redis).run("EVAL", "return #redis.call('KEYS', 'pc:{*}:s:*')", "0")
            #expect(sessions.integer == 0, "a hidden request made a session")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func badRequestsAreRefusedWithAReason() async throws {
        try await withGateway { gateway, _ in
            for row in Self.refused + Self.taken {
                let connection = try RawConnection(port: gateway.port)
                connection.write(row.bytes)
                let (bytes, _) = await connection.read(within: .seconds(5)) { Self.isComplete($0) }
                let text = String(decoding: bytes, as: UTF8.self)
                let status = RawConnection.statuses(bytes).first ?? 0
                #expect(row.statuses.contains(status), "\(row.name): \(status) \(text.suffix(200))")
                if status >= 400 {
                    #expect(text.contains("application/problem+json"), "\(row.name): \(text)")
                    #expect(text.contains(#""code""#), "\(row.name): \(text)")
                    #expect(text.lowercased().contains("cache-control: no-store"), "\(row.name)")
                }
                #expect(gateway.isRunning)
                // The connection is still in step: what follows is answered as itself.
                guard text.lowercased().contains("connection: close") == false else { continue }
                connection.write("GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                let next = await connection.read(within: .seconds(5))
                #expect(
                    RawConnection.statuses(next.bytes).first == 200,
                    "\(row.name): out of step afterwards"
                )
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func tooLargeBodiesAreRefused() async throws {
        try await withGateway { gateway, _ in
            let declared = try RawConnection(port: gateway.port)
            declared.write("\(Self.postHead)Content-Length: 100000000\r\n\r\n{")
            let first = await declared.read(within: .seconds(5)) { !RawConnection.statuses($0).isEmpty }
            #expect(RawConnection.statuses(first.bytes).first == 413)

            let chunked = try RawConnection(port: gateway.port)
            chunked.write("\(Self.postHead)Transfer-Encoding: chunked\r\n\r\n")
            let chunk = "8000\r\n\(String(repeating: "a", count: 0x8000))\r\n"
            var sent = 0
            while sent < 200, chunked.write(chunk) { sent += 1 }
            let second = await chunked.read(within: .seconds(5)) { !RawConnection.statuses($0).isEmpty }
            // Closed before all of it was taken, with the answer if that survived.
            #expect(RawConnection.statuses(second.bytes).first ?? 413 == 413)
            #expect(await RawConnection.status(port: gateway.port, path: "/health/live") == 200)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func slowRequestsAreClosed() async throws {
        try await withGateway { gateway, _ in
            let connections = try (0..<50).map { _ in try RawConnection(port: gateway.port) }
            for connection in connections { connection.write("GET /check HTTP/1.1\r\nHost: ") }
            let began = ContinuousClock.now
            // One byte a second, as long as they are taken.
            var open = connections
            while !open.isEmpty, began.duration(to: .now) < .seconds(20) {
                try await Task.sleep(for: .milliseconds(500))
                var still: [RawConnection] = []
                for connection in open where connection.write("a") {
                    if await !connection.read(within: .zero).isClosed { still.append(connection) }
                }
                open = still
                #expect(await RawConnection.status(port: gateway.port, path: "/health/live") == 200)
            }
            let took = began.duration(to: .now)
            #expect(open.isEmpty)
            #expect(took < .seconds(14), "closed after \(took)")
        }
    }

    private static func isComplete(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return false }
        let head = text[..<end.lowerBound].lowercased()
        guard let length = head.range(of: "content-length: ") else { return true }
        let digits = head[length.upperBound...].prefix { $0.isNumber }
        return text[end.upperBound...].utf8.count >= Int(digits) ?? 0
    }

    private func withGateway(_ body: (GatewayProcess, RedisServer) async throws -> Void) async throws {
        let redis = try RedisServer()
        let gateway = try GatewayProcess(
            redisURL: "unix://\(redis.socketPath)",
            secrets: GatewaySecrets(directory: redis.directory),
            directory: redis.directory
        )
        try await gateway.waitUntilReady()
        try await body(gateway, redis)
        #expect(gateway.isRunning)
        gateway.stop()
    }
}
