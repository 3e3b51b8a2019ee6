import APIValidation
import Foundation
import TestSupport
import Testing

/// A request, and how it may be answered.
struct RawRow: Sendable, CustomTestStringConvertible {
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

/// Requests as bytes, and a gateway to send them to.
enum RawHTTP {
    static let key = "X-Service-Key: \(GatewaySecrets.serviceKey)\r\n"
    /// What a smuggler would like to run: its answer is the only 201.
    static let canaryBody = #"{"userId":"canary"}"#
    static let canary =
        "POST /api/sessions HTTP/1.1\r\nHost: a\r\n\(key)Content-Type: application/json\r\n"
        + "Content-Length: \(canaryBody.utf8.count)\r\n\r\n\(canaryBody)"

    static func post(
        _ body: String,
        type: String = "application/json",
        path: String = "/api/sessions"
    ) -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\n\(key)Content-Type: \(type)\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    static func check(_ headers: String) -> String {
        "GET /check HTTP/1.1\r\nHost: a\r\n\(headers)\r\n"
    }

    static func bytes(_ head: String, _ body: [UInt8]) -> [UInt8] {
        Array("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body
    }

    static let postHead =
        "POST /api/sessions HTTP/1.1\r\nHost: a\r\n\(key)Content-Type: application/json\r\n"

    /// Compares a complete answer to a request of which only the framing may be wrong with the OpenAPI document.
    static func compare(_ row: RawRow, _ answer: [UInt8]) {
        guard isComplete(answer), let response = RawResponse.parse(answer).first else { return }
        let line = String(decoding: row.bytes.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        let parts = line.split(separator: " ")
        guard !row.closes, parts.count == 3, parts[1].hasPrefix("/") else {
            DocumentValidator.ours.expectProblem(response, "\(row.name)")
            return
        }
        DocumentValidator.ours.expect(String(parts[0]), String(parts[1]), response)
    }

    static func isComplete(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return false }
        let head = text[..<end.lowerBound].lowercased()
        guard let length = head.range(of: "content-length: ") else { return true }
        let digits = head[length.upperBound...].prefix { $0.isNumber }
        return text[end.upperBound...].utf8.count >= Int(digits) ?? 0
    }

    static func withGateway(_ body: (GatewayProcess, RedisServer) async throws -> Void) async throws {
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
