import Foundation
import TestSupport
import Testing

/// Framing that is not as RFC 9112 has it: never a second request hidden in the first, and the process lives on.
@Suite(.serialized) struct SmugglingTests {
    /// Framing that two programs may read differently. Each is followed by the canary.
    static let smuggling: [RawRow] = [
        RawRow(
            "Content-Length and Transfer-Encoding",
            "POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            [400],
            closes: true
        ),
        RawRow(
            "Transfer-Encoding and Content-Length",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
            [400],
            closes: true
        ),
        RawRow(
            "two Content-Lengths",
            "POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 4\r\n\r\n",
            [400],
            closes: true
        ),
        RawRow(
            "Content-Length list",
            "POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: 0, 4\r\n\r\n",
            [400],
            closes: true
        ),
        RawRow(
            "signed Content-Length",
            "POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: +0\r\n\r\n",
            [400],
            closes: true
        ),
        RawRow(
            "negative Content-Length",
            "POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            [400],
            closes: true
        ),
        RawRow(
            "hexadecimal Content-Length",
            "POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: 0x0\r\n\r\n",
            [400],
            closes: true
        ),
        RawRow(
            "space before the colon",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            [400],
            closes: true
        ),
        RawRow(
            "unknown transfer coding",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            [400],
            closes: true
        ),
        RawRow(
            "chunked not last",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            [400, 501],
            closes: true
        ),
        RawRow(
            "bad chunk size",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
            [400, 401],
            closes: true
        ),
        RawRow(
            "a minus before a chunk's size",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n0\r\n\r\n",
            [400, 401, 501],
            closes: true
        ),
        RawRow(
            "a chunk's size beyond 64 bits",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n0\r\n\r\n",
            [400, 401, 501],
            closes: true
        ),
        RawRow(
            "bare LF behind a chunk's size",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
            [400, 401, 501],
            closes: true
        ),
        RawRow(
            "a chunk longer than its size",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
            [400, 401, 501],
            closes: true
        ),
        RawRow(
            "0x before a chunk's size",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
            [400, 401, 501],
            closes: true
        ),
        RawRow(
            "chunked twice",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
            [400, 401, 501],
            closes: true
        ),
        RawRow(
            "two Transfer-Encodings",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
            [400, 401, 501],
            closes: true
        ),
        RawRow(
            "two Transfer-Encodings, chunked last",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            [400, 401, 501],
            closes: true
        ),
        RawRow(
            "a vertical tab before chunked",
            "POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u{B}chunked\r\n\r\n0\r\n\r\n",
            [400, 401, 501],
            closes: true
        ),
        RawRow(
            "the same Content-Length twice, written differently",
            "POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 00\r\n\r\n",
            [400, 401, 501],
            closes: true
        ),
        RawRow(
            "65,000 headers",
            RawHTTP.check(String(repeating: "A: b\r\n", count: 65_000)),
            [431],
            closes: true
        ),
        RawRow("obs-fold", "GET /check HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n", [400], closes: true),
        RawRow("bare LF in the head", "GET /check HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n", [400], closes: true),
        RawRow("bare LF throughout", "GET /check HTTP/1.1\nHost: a\n\n", [400], closes: true),
        RawRow("bare CR", "GET /check HTTP/1.1\r\nHost: a\rX-A: b\r\n\r\n", [400], closes: true),
        RawRow(
            "NUL in a value",
            Array("GET /check HTTP/1.1\r\nHost: a\r\nX-A: b".utf8) + [0] + Array("c\r\n\r\n".utf8),
            [400],
            closes: true
        ),
        RawRow("no colon", "GET /check HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", [400], closes: true),
        RawRow("empty name", "GET /check HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", [400], closes: true),
        RawRow("no host", "GET /check HTTP/1.1\r\n\r\n", [400], closes: true),
        RawRow("two hosts", "GET /check HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", [400], closes: true),
        RawRow("HTTP/0.9", "GET /check\r\n\r\n", [400, 505], closes: true),
        RawRow(
            "another protocol",
            Array([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00]) + Array("\r\n\r\n".utf8),
            [400],
            closes: true
        ),
        RawRow(
            "64 KB request line",
            "GET /\(String(repeating: "a", count: 65536)) HTTP/1.1\r\nHost: a\r\n\r\n",
            [400, 414, 431],
            closes: true
        ),
        RawRow(
            "200 headers",
            RawHTTP.check((0..<200).map { "X-\($0): a\r\n" }.joined()),
            [431],
            closes: true
        ),
        RawRow(
            "20 KB header",
            RawHTTP.check("X-A: \(String(repeating: "a", count: 20_480))\r\n"),
            [431],
            closes: true
        ),
        RawRow(
            "1 MB header",
            RawHTTP.check("X-A: \(String(repeating: "a", count: 1 << 20))\r\n"),
            [431],
            closes: true
        ),
    ]

    @Test(.timeLimit(.minutes(5)))
    func asvs421Rfc9112SmugglingIsRefusedAndTheConnectionClosed() async throws {
        try await RawHTTP.withGateway { gateway, redis in
            for row in Self.smuggling {
                let connection = try RawConnection(port: gateway.port)
                connection.write(row.bytes)
                connection.write(RawHTTP.canary)
                let (bytes, isClosed) = await connection.read(within: .seconds(5))
                let statuses = RawConnection.statuses(bytes)
                // A closed connection whose unread input is thrown away may lose the answer as well (RFC 9112, 9.6).
                if let first = statuses.first {
                    #expect(row.statuses.contains(first), "\(row.name): \(first)")
                }
                RawHTTP.compare(row, bytes)
                #expect(isClosed, "\(row.name): still open after \(statuses)")
                #expect(!statuses.contains(201), "\(row.name): the hidden request ran")
                #expect(gateway.isRunning)
            }
            let sessions = try RedisProbe(redis).run("EVAL", "return #redis.call('KEYS', 'pc:{*}:s:*')", "0")
            #expect(sessions.integer == 0, "a hidden request made a session")
        }
    }
}
