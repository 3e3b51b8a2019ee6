import Foundation
import Testing

// One at a time: each runs a node and its Redis.
@Suite("portcullis serve and dev, as processes", .serialized)
struct ServeTests {
    private static let serve = ["serve", "--listen", "127.0.0.1:0", "--data-dir", "DATA"]

    @Test(
        "Mistakes are refused with a sentence and the exit code for them",
        arguments: [
            (["serve", "--redis-url", "redis://u:sesame@127.0.0.1:1"], [:], 78, "a token secret is needed"),
            (
                ["serve", "--lease", "1"], [:], 78,
                "lease: '1' (flag --lease) is not allowed; allowed: 50ms to 1m"
            ),
            (["serve"], ["PORTCULLIS_REDIS_URI": "x"], 78, "did you mean PORTCULLIS_REDIS_URL?"),
            (["serve"], ["PORTCULLIS_TOKEN_SECRET": "1:sesame"], 78, "token-secret, secret 1"),
            (["serve", "--config", "/nowhere"], [:], 78, "cannot read the configuration file '/nowhere'"),
            (["serve", "--service-keys-file", "/nowhere"], [:], 78, "service-keys-file: cannot read"),
            (["serve", "--nonsense"], [:], 64, "--nonsense"),
            (["dev", "--redis-url", "redis://127.0.0.1"], [:], 78, "dev brings its own Redis"),
            (["serve", "--data-dir", "/proc/nowhere"], [:], 69, "cannot make the data folder"),
        ] as [([String], [String: String], Int32, String)]
    )
    func refusals(arguments: [String], environment: [String: String], code: Int32, sentence: String)
        async throws
    {
        try await ProgramProcess.with(arguments, environment: environment) { process in
            let exitCode = try await process.exitCode()
            #expect(exitCode == code)
            #expect(process.errors.contains(sentence))
            #expect(!process.errors.contains("sesame"))
            #expect(process.output.isEmpty)
        }
    }

    @Test(
        "serve brings its own Redis, logs JSON lines only, and on SIGTERM ends with 0 and without leftovers"
    )
    func lifeOfANode() async throws {
        try await ProgramProcess.with(Self.serve) { process in
            let port = try await process.port()
            #expect(try await LocalSocket.http("GET", "/health/live", port: port).status == 200)
            #expect(try await LocalSocket.http("GET", "/health/ready", port: port).status == 200)
            #expect(try await LocalSocket.http("GET", "/check", port: port).status == 401)
            let redis = try await process.redisPID()
            process.signal(SIGTERM)
            #expect(try await process.exitCode() == 0)
            #expect(kill(redis, 0) != 0)
            for line in process.errors.split(separator: "\n") {
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                #expect(
                    object?["time"] is String && object?["level"] is String && object?["message"] is String
                )
            }
        }
    }

    @Test("A request in flight at SIGTERM is answered; a new connection is not accepted")
    func drain() async throws {
        try await ProgramProcess.with(Self.serve) { process in
            let port = try await process.port()
            let body = #"{"token": "nothing"}"#
            let slow = try #require(LocalSocket(port: port))
            try slow.send(
                "POST /api/sessions/check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(body.utf8.count)\r\n\r\n" + body.prefix(5)
            )
            // The server has begun with the request when a later one on another connection is answered.
            #expect(try await LocalSocket.http("GET", "/health/live", port: port).status == 200)
            process.signal(SIGTERM)
            _ = try await eventually("the port is closed") { LocalSocket(port: port) == nil ? true : nil }
            try slow.send(String(body.dropFirst(5)))
            #expect(try await LocalSocket.aside { try slow.read() }.hasPrefix("HTTP/1.1 401"))
            #expect(try await process.exitCode() == 0)
        }
    }

    @Test("SIGTERM ends a node that delivers webhooks and has somebody listening to its events")
    func endWithListeners() async throws {
        try await ProgramProcess.withFolder { folder in
            let hooks = "\(folder)/hooks.yml"
            // Nobody is there to receive anything.
            let text =
                "- name: shop\n  url: http://127.0.0.1:9/\n  secret: \(String(repeating: "s", count: 32))\n"
            try text.write(toFile: hooks, atomically: true, encoding: .utf8)
            let arguments = [
                "dev", "--listen", "127.0.0.1:0", "--data-dir", "DATA", "--log-format", "json",
                "--webhooks-file", hooks,
            ]
            try await ProgramProcess.with(arguments, in: folder) { process in
                let port = try await process.port()
                let key = try await eventually("the key") {
                    Self.word(after: "service key ", in: process.output)
                }
                let listener = try #require(LocalSocket(port: port))
                try listener.send("GET /api/events HTTP/1.1\r\nHost: x\r\nX-Service-Key: \(key)\r\n\r\n")
                _ = try await LocalSocket.aside { try listener.read(until: "retry:", and: "\n") }
                // The receiver has its place, so its delivery has begun to listen.
                _ = try await eventually("the receiver is known") {
                    try await LocalSocket.http("GET", "/api/admin/webhooks", port: port, bearer: key).body
                        .contains("\"position\"") ? true : nil
                }
                process.signal(SIGTERM)
                #expect(try await process.exitCode() == 0)
            }
        }
    }

    @Test("A port that is taken is told as such, and the private Redis does not stay behind")
    func portTaken() async throws {
        try await ProgramProcess.with(Self.serve) { first in
            let port = try await first.port()
            try await ProgramProcess.with(["serve", "--listen", "127.0.0.1:\(port)", "--data-dir", "DATA"]) {
                second in
                let exitCode = try await second.exitCode()
                #expect(exitCode == 69)
                #expect(second.errors.contains("cannot listen on 127.0.0.1:\(port)"))
                #expect(LocalSocket(path: "\(second.dataFolder)/redis.sock") == nil)
            }
        }
    }

    @Test("dev has sample sessions and a key; its Redis dies with it, also by SIGKILL; sessions outlive both")
    func dev() async throws {
        let arguments = [
            "dev", "--listen", "127.0.0.1:0", "--data-dir", "DATA", "--log-format", "json", "--log-level",
            "info",
        ]
        try await ProgramProcess.withFolder { folder in
            var token = ""
            try await ProgramProcess.with(arguments, in: folder) { process in
                let port = try await process.port()
                token = try await eventually("the welcome") {
                    Self.word(after: "Bearer ", in: process.output)
                }
                let key = try #require(Self.word(after: "service key ", in: process.output))
                #expect(
                    try await LocalSocket.http("GET", "/check", port: port, bearer: token).status / 100 == 2
                )
                let list = try await LocalSocket.http("GET", "/api/admin/sessions", port: port, bearer: key)
                #expect(list.status == 200)
                #expect(list.body.contains("\"total\":5"))
                #expect(!process.errors.contains(token))
                let redis = try await process.redisPID()
                process.signal(SIGKILL)
                _ = try await eventually("Redis ends") { kill(redis, 0) != 0 ? true : nil }
            }
            try await ProgramProcess.with(arguments, in: folder) { process in
                let port = try await process.port()
                #expect(
                    try await LocalSocket.http("GET", "/check", port: port, bearer: token).status / 100 == 2
                )
            }
        }
    }

    @Test("A private Redis that is killed is started again with its data")
    func redisRestart() async throws {
        let arguments = [
            "dev", "--listen", "127.0.0.1:0", "--data-dir", "DATA", "--log-format", "json", "--log-level",
            "info",
        ]
        try await ProgramProcess.with(arguments) { process in
            let port = try await process.port()
            let token = try await eventually("the welcome") {
                Self.word(after: "Bearer ", in: process.output)
            }
            let redis = try await process.redisPID()
            kill(redis, SIGKILL)
            _ = try await eventually("the session is good again") {
                let status = try await LocalSocket.http("GET", "/check", port: port, bearer: token).status
                #expect(status != 401)
                return status / 100 == 2 && LocalSocket(path: "\(process.dataFolder)/redis.sock") != nil
                    ? true : nil
            }
            #expect(try await process.redisPID() != redis)
        }
    }

    /// The word after the first `mark` in `text`.
    private static func word(after mark: String, in text: String) -> String? {
        guard let found = text.range(of: mark) else { return nil }
        let word = text[found.upperBound...].prefix { !$0.isWhitespace && $0 != "'" }
        return word.endIndex < text.endIndex ? String(word) : nil
    }
}
