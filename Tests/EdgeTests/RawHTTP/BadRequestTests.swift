import Foundation
import TestSupport
import Testing

/// What is framed well and is not as it should be all the same: a clear answer, and the connection stays in step.
@Suite(.serialized) struct BadRequestTests {
    /// Requests that are understood and refused.
    static let refused: [RawRow] = [
        RawRow("no token", RawHTTP.check(""), [401]),
        RawRow("two cookies", RawHTTP.check("Cookie: session_token=a; session_token=b\r\n"), [400]),
        RawRow(
            "two cookie headers",
            RawHTTP.check("Cookie: session_token=a\r\nCookie: session_token=b\r\n"),
            [400]
        ),
        RawRow(
            "cookie and bearer",
            RawHTTP.check("Cookie: session_token=a\r\nAuthorization: Bearer b\r\n"),
            [400]
        ),
        RawRow(
            "two authorizations",
            RawHTTP.check("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"),
            [400]
        ),
        RawRow(
            "quoted cookie",
            RawHTTP.check("Cookie: session_token=\"\(String(repeating: "E", count: 64))\"\r\n"),
            [401]
        ),
        RawRow("empty cookie", RawHTTP.check("Cookie: session_token=\r\n"), [401]),
        RawRow(
            "bearer of 10,000 characters",
            RawHTTP.check("Authorization: Bearer \(String(repeating: "E", count: 10_000))\r\n"),
            [401]
        ),
        RawRow(
            "bytes beyond ASCII in a cookie",
            Array("GET /check HTTP/1.1\r\nHost: a\r\nCookie: session_token=".utf8) + [0xC3, 0x28, 0xFF]
                + Array("\r\n\r\n".utf8),
            [400, 401]
        ),
        RawRow("unknown path", "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", [404]),
        RawRow(
            "wrong method",
            "PUT /api/sessions HTTP/1.1\r\nHost: a\r\n\(RawHTTP.key)Content-Length: 0\r\n\r\n",
            [405]
        ),
        RawRow("path traversal", "GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", [400, 404]),
        RawRow(
            "percent-encoded NUL in the path",
            "GET /api/admin/sessions/%00 HTTP/1.1\r\nHost: a\r\n\(RawHTTP.key)\r\n",
            [400, 404]
        ),
        RawRow(
            "half a percent escape",
            "GET /api/admin/sessions?userId=%f HTTP/1.1\r\nHost: a\r\n\(RawHTTP.key)\r\n",
            [400]
        ),
        RawRow(
            "unknown parameter",
            "DELETE /api/admin/sessions?usrId=a HTTP/1.1\r\nHost: a\r\n\(RawHTTP.key)\r\n",
            [400]
        ),
        RawRow(
            "parameter twice",
            "DELETE /api/admin/sessions?userId=a&userId=b HTTP/1.1\r\nHost: a\r\n\(RawHTTP.key)\r\n",
            [400]
        ),
        RawRow(
            "everyone without confirmation",
            "DELETE /api/admin/sessions?all=true HTTP/1.1\r\nHost: a\r\n\(RawHTTP.key)\r\n",
            [400]
        ),
        RawRow(
            "wrong service key",
            "GET /api/admin/nodes HTTP/1.1\r\nHost: a\r\nX-Service-Key: pk_faults_wrong\r\n\r\n",
            [401]
        ),
        RawRow("no service key", "GET /api/admin/nodes HTTP/1.1\r\nHost: a\r\n\r\n", [401]),
        RawRow(
            "an id of another shape",
            "DELETE /api/sessions/0000 HTTP/1.1\r\nHost: a\r\n\(RawHTTP.key)\r\n",
            [404]
        ),
        RawRow(
            "an id with braces",
            "DELETE /api/sessions/%7B0%7D HTTP/1.1\r\nHost: a\r\n\(RawHTTP.key)\r\n",
            [404]
        ),
        RawRow(
            "an id with a newline",
            "DELETE /api/sessions/%0A HTTP/1.1\r\nHost: a\r\n\(RawHTTP.key)\r\n",
            [404]
        ),
        RawRow(
            "an id of right-to-left marks",
            "GET /api/admin/sessions/%E2%80%AE HTTP/1.1\r\nHost: a\r\n\(RawHTTP.key)\r\n",
            [404]
        ),
        RawRow(
            "a user with a NUL",
            "GET /api/admin/users/a%00/sessions HTTP/1.1\r\nHost: a\r\n\(RawHTTP.key)\r\n",
            [400, 422]
        ),
        RawRow("not JSON", RawHTTP.post("{"), [400]),
        RawRow("another content type", RawHTTP.post(RawHTTP.canaryBody, type: "text/plain"), [415]),
        RawRow("JSON array", RawHTTP.post("[]"), [400, 422]),
        RawRow("no user", RawHTTP.post("{}"), [400, 422]),
        RawRow("empty user", RawHTTP.post(#"{"userId":""}"#), [400, 422]),
        RawRow("user is a number", RawHTTP.post(#"{"userId":1}"#), [400, 422]),
        RawRow("user is null", RawHTTP.post(#"{"userId":null}"#), [400, 422]),
        RawRow("roles are a text", RawHTTP.post(#"{"userId":"a","roles":"b"}"#), [400, 422]),
        RawRow("role with a comma", RawHTTP.post(#"{"userId":"a","roles":["b,c"]}"#), [400, 422]),
        RawRow("unknown field", RawHTTP.post(#"{"userId":"a","role":["b"]}"#), [400, 422]),
        RawRow("duplicate key", RawHTTP.post(#"{"userId":"a","userId":"b"}"#), [400, 422]),
        RawRow("duplicate key by escape", RawHTTP.post(#"{"userId":"a","user\u0049d":"b"}"#), [400, 422]),
        RawRow("NUL by escape", RawHTTP.post(#"{"userId":"a\u0000b"}"#), [400, 422]),
        RawRow(
            "raw NUL",
            RawHTTP.bytes(RawHTTP.postHead, Array(#"{"userId":"a"#.utf8) + [0] + Array(#"b"}"#.utf8)),
            [400]
        ),
        RawRow("lone surrogate", RawHTTP.post(#"{"userId":"\ud800"}"#), [400, 422]),
        RawRow(
            "invalid UTF-8",
            RawHTTP.bytes(
                RawHTTP.postHead,
                Array(#"{"userId":"a"#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)
            ),
            [400]
        ),
        RawRow(
            "byte order mark",
            RawHTTP.bytes(RawHTTP.postHead, [0xEF, 0xBB, 0xBF] + Array(RawHTTP.canaryBody.utf8)),
            [400]
        ),
        RawRow(
            "nested 10,000 deep",
            RawHTTP.post(
                #"{"userId":"a","data":\#(String(repeating: "[", count: 10_000))\#(String(repeating: "]", count: 10_000))}"#
            ),
            [400]
        ),
        RawRow("newline in an id", RawHTTP.post(#"{"userId":"a\nb"}"#), [400, 422]),
        RawRow("right-to-left mark in an id", RawHTTP.post("{\"userId\":\"a\u{202E}b\"}"), [400, 422]),
        RawRow(
            "id of 257 bytes",
            RawHTTP.post(#"{"userId":"\#(String(repeating: "a", count: 257))"}"#),
            [400, 422]
        ),
        RawRow(
            "data of 9 KB",
            RawHTTP.post(#"{"userId":"a","data":"\#(String(repeating: "a", count: 9216))"}"#),
            [400, 413, 422]
        ),
        RawRow("number without end", RawHTTP.post(#"{"userId":"a","data":1e999999999}"#), [201, 400, 422]),
        RawRow(
            "1,001 tokens",
            RawHTTP.post(
                "{\"tokens\":[\(String(repeating: "\"a\",", count: 1000))\"a\"]}",
                path: "/api/sessions/check"
            ),
            [400, 422]
        ),
    ]

    /// What is taken although it looks odd.
    static let taken: [RawRow] = [
        RawRow("braces in an id", RawHTTP.post(#"{"userId":"{a}:*?[]"}"#), [201]),
        RawRow(
            "id of 256 bytes",
            RawHTTP.post(#"{"userId":"\#(String(repeating: "a", count: 256))"}"#),
            [201]
        ),
        RawRow("emoji in an id", RawHTTP.post(#"{"userId":"👩‍👩‍👧"}"#), [201]),
        RawRow("64 headers in all", RawHTTP.check((0..<62).map { "X-\($0): a\r\n" }.joined()), [401]),
        RawRow(
            "header names in capitals",
            "GET /check HTTP/1.1\r\nHOST: a\r\nAUTHORIZATION: BEARER x\r\n\r\n",
            [401]
        ),
        RawRow(
            "chunked body",
            "POST /api/sessions HTTP/1.1\r\nHost: a\r\n\(RawHTTP.key)Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\(String(RawHTTP.canaryBody.utf8.count, radix: 16))\r\n\(RawHTTP.canaryBody.replacing("canary", with: "chunky"))\r\n0\r\n\r\n",
            [201]
        ),
        RawRow("absolute form", "GET http://a/check HTTP/1.1\r\nHost: a\r\n\r\n", [400, 401, 404]),
    ]

    @Test(.timeLimit(.minutes(5)))
    func rfc9457BadRequestsAreRefusedWithAReason() async throws {
        try await RawHTTP.withGateway { gateway, _ in
            for row in Self.refused + Self.taken {
                let connection = try RawConnection(port: gateway.port)
                connection.write(row.bytes)
                let (bytes, _) = await connection.read(within: .seconds(5)) { RawHTTP.isComplete($0) }
                let text = String(decoding: bytes, as: UTF8.self)
                let status = RawConnection.statuses(bytes).first ?? 0
                #expect(row.statuses.contains(status), "\(row.name): \(status) \(text.suffix(200))")
                if status >= 400 {
                    #expect(text.contains("application/problem+json"), "\(row.name): \(text)")
                    #expect(text.contains(#""code""#), "\(row.name): \(text)")
                    #expect(text.lowercased().contains("cache-control: no-store"), "\(row.name)")
                }
                RawHTTP.compare(row, bytes)
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
}
