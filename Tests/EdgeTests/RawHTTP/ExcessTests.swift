import Foundation
import TestSupport
import Testing

/// Too much, or too slowly: refused, closed, and cheap.
@Suite(.serialized) struct ExcessTests {
    @Test(.timeLimit(.minutes(5)))
    func rfc9110TooLargeBodiesAreRefused() async throws {
        try await RawHTTP.withGateway { gateway, _ in
            let declared = try RawConnection(port: gateway.port)
            declared.write("\(RawHTTP.postHead)Content-Length: 100000000\r\n\r\n{")
            let first = await declared.read(within: .seconds(5)) { !RawConnection.statuses($0).isEmpty }
            #expect(RawConnection.statuses(first.bytes).first == 413)

            let chunked = try RawConnection(port: gateway.port)
            chunked.write("\(RawHTTP.postHead)Transfer-Encoding: chunked\r\n\r\n")
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
        try await RawHTTP.withGateway { gateway, _ in
            let connections = try (0..<50).map { _ in try RawConnection(port: gateway.port) }
            // Some within a head, some within a body.
            for (number, connection) in connections.enumerated() {
                let body = "\(RawHTTP.postHead)Content-Length: 1000\r\n\r\n{"
                connection.write(number.isMultiple(of: 2) ? "GET /check HTTP/1.1\r\nHost: " : body)
            }
            let began = ContinuousClock.now
            // A byte now and then, as long as they are taken.
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

    /// What strangers send and is refused must not fill the memory.
    @Test(.timeLimit(.minutes(5)))
    func whatIsRefusedCostsLittleMemory() async throws {
        try await RawHTTP.withGateway { gateway, _ in
            let excesses = [
                "GET /check HTTP/1.1\r\nHost: a\r\n" + String(repeating: "A: b\r\n", count: 65_000) + "\r\n",
                "GET /check HTTP/1.1\r\nHost: a\r\nA: " + String(repeating: "b", count: 1 << 20) + "\r\n\r\n",
                RawHTTP.post(#"{"userId":"\#(String(repeating: "a", count: 1 << 20))"}"#),
                RawHTTP.postHead + "Transfer-Encoding: chunked\r\n\r\n"
                    + String(repeating: "8000\r\n\(String(repeating: "a", count: 0x8000))\r\n", count: 32),
                // A Bearer credential, and a cookie, of 1 MB.
                RawHTTP.check("Authorization: Bearer \(String(repeating: "a", count: 1 << 20))\r\n"),
                RawHTTP.check("Cookie: session_token=\(String(repeating: "a", count: 1 << 20))\r\n"),
            ]
            // What a first request of each kind sets up is no growth.
            for _ in 0..<2 { for excess in excesses { await Self.send(excess, gateway) } }
            let before = try #require(Self.residentKilobytes(gateway))
            for _ in 0..<20 { for excess in excesses { await Self.send(excess, gateway) } }
            let after = try #require(Self.residentKilobytes(gateway))
            #expect(after - before < 64 * 1024, "grew from \(before) to \(after) KB")
            #expect(await RawConnection.status(port: gateway.port, path: "/health/live") == 200)
        }
    }

    /// After CONNECT and after a request to upgrade the decoder keeps whatever comes: 2.5 GB in 6 s from one connection
    /// before the rest was dropped. What follows the last request of a connection is of no use to anybody.
    @Test(.timeLimit(.minutes(5)))
    func nothingIsKeptAfterTheLastRequest() async throws {
        try await RawHTTP.withGateway { gateway, _ in
            let heads = [
                "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /check HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: anything\r\n\r\n",
                "\(RawHTTP.postHead)Connection: Upgrade\r\nUpgrade: x\r\nContent-Length: 2\r\n\r\n{}",
                "GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                "no HTTP\r\n\r\n",
            ]
            let chunk = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
            let before = try #require(Self.residentKilobytes(gateway))
            for head in heads {
                let connection = try RawConnection(port: gateway.port)
                connection.write(head)
                var sent = 0
                while sent < 100, connection.write(chunk) { sent += 1 }
                let after = try #require(Self.residentKilobytes(gateway))
                #expect(after - before < 32 * 1024, "grew from \(before) to \(after) KB after \(head)")
                #expect(await RawConnection.status(port: gateway.port, path: "/health/live") == 200)
            }
        }
    }

    /// Sends as much as is taken, and waits for an answer or the end.
    private static func send(_ text: String, _ gateway: GatewayProcess) async {
        guard let connection = try? RawConnection(port: gateway.port) else {
            Issue.record("no connection")
            return
        }
        connection.write(text)
        let answer = await connection.read(within: .seconds(5)) { !RawConnection.statuses($0).isEmpty }
        // The answer may be lost with the connection that is closed on unread input (RFC 9112 9.6).
        let status = RawConnection.statuses(answer.bytes).first
        #expect(status.map { [400, 401, 413, 431].contains($0) } ?? answer.isClosed, "\(status ?? 0)")
    }

    private static func residentKilobytes(_ gateway: GatewayProcess) -> Int? {
        guard let id = gateway.processID,
            let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") })
        else { return nil }
        return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }
    }
}
