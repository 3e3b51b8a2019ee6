import Foundation
import TestSupport
import Testing

/// Finds slices of tokens in what was written somewhere.
private struct SliceSearch {
    private static let length = 12
    private var slices: Set<[UInt8]> = []
    /// Which beginnings occur, by their first three bytes, so that nearly all positions are settled by one look.
    private var heads = [Bool](repeating: false, count: 1 << 24)

    /// Adds every slice of twelve bytes.
    mutating func add(_ secret: some Collection<UInt8>) {
        let bytes = Array(secret)
        guard bytes.count >= Self.length else { return }
        for start in 0...(bytes.count - Self.length) {
            let slice = Array(bytes[start..<(start + Self.length)])
            slices.insert(slice)
            heads[Self.head(slice, 0)] = true
        }
    }

    /// The hits, with what stands around them.
    func hits(in bytes: [UInt8]) -> [String] {
        guard bytes.count >= Self.length else { return [] }
        var found: [String] = []
        for start in 0...(bytes.count - Self.length) where heads[Self.head(bytes, start)] {
            guard slices.contains(Array(bytes[start..<(start + Self.length)])) else { continue }
            let around = bytes[max(0, start - 60)..<min(bytes.count, start + 40)]
            found.append(String(decoding: around, as: UTF8.self))
        }
        return found
    }

    private static func head(_ bytes: [UInt8], _ start: Int) -> Int {
        Int(bytes[start]) << 16 | Int(bytes[start + 1]) << 8 | Int(bytes[start + 2])
    }
}

extension Faults {
    /// Promise R8: no raw token at rest or in output.
    @Suite(.serialized) struct Secrecy {
        @Test(.timeLimit(.minutes(30)))
        func asvs1625TokensStandNowhere() async throws {
            var options = RedisServer.Options()
            options.appendOnly = true
            options.configuration = [
                "rdbcompression no", "slowlog-log-slower-than 0", "slowlog-max-len 10000",
            ]
            let fleet = try await Fleet.start(
                nodes: 2,
                redis: options,
                flags: ["--log-level", "trace", "--max-sessions", "0"]
            )
            try await Fleet.run(fleet) { try await run($0, sessions: 300 * scale) }
        }

        private func run(_ fleet: Fleet, sessions: Int) async throws {
            let directory = fleet.redis.directory
            let monitorLog = directory.appending(path: "monitor.log").path
            let monitor = try ChildProcess.spawn(
                ["redis-cli", "-s", fleet.redis.socketPath, "monitor"],
                output: monitorLog
            )
            defer {
                kill(monitor, SIGKILL)
                ChildProcess.wait(monitor)
            }
            func monitored() -> [UInt8] { Array(FileManager.default.contents(atPath: monitorLog) ?? Data()) }
            #expect(await becomesTrue { monitored().starts(with: Array("OK".utf8)) })

            let tokens = Mutexed<[String]>([])
            let bodies = Mutexed<[UInt8]>([])
            let progress = Progress()
            /// Sends a call whose answer must not hold a token, in body or headers.
            @Sendable func silent(_ call: HTTPCall) async throws {
                let answer = try await fleet.anyone.send(call, deadline: .seconds(30))
                progress.count("answers")
                bodies.withLock { bodies in
                    bodies += answer.body
                    for (name, value) in answer.headers { bodies += Array("\n\(name): \(value)\n".utf8) }
                }
            }
            try await concurrently(sessions, width: 8) { number in
                let created = try await fleet.anyone.create(
                    user: "user-\(number % 50)",
                    more: #","userAgent":"test","ip":"192.0.2.1","data":{"n":\#(number)}"#
                )
                let (id, token) = (created.session.id, created.token)
                tokens.withLock { $0.append(token) }
                try await silent(.check(token))
                let bearer = [("Authorization", "Bearer \(token)")]
                try await silent(HTTPCall("GET", "/api/auth/session", headers: bearer))
                try await silent(HTTPCall("GET", "/api/auth/sessions", headers: bearer))
                try await silent(.service("POST", "/api/sessions/check", #"{"token":"\#(token)"}"#))
                try await silent(
                    .service("PATCH", "/api/sessions/\(id)", #"{"sessionName":"n","extend":true}"#)
                )
                try await silent(.service("PUT", "/api/sessions/\(id)/data", #"{"a":1}"#))
                try await silent(.service("GET", "/api/admin/sessions/\(id)"))
                if number % 2 == 0 {
                    let rotated = try await fleet.anyone.send(.rotate(id, token)).decoded(RotatedAnswer.self)
                    tokens.withLock { $0.append(rotated.token) }
                    try await silent(.check(rotated.token))
                    try await silent(.check(token))
                }
                if number % 3 == 0 { try await silent(.end(id)) }
                if number % 10 == 0 { try await mistakes(created, silent) }
            }
            try await silent(.service("GET", "/api/admin/sessions?limit=200&includeEnded=true"))
            try await silent(.service("GET", "/api/admin/users/user-1/sessions?includeEnded=true"))
            try await silent(.service("GET", "/api/admin/nodes"))
            let entries = try RedisProbe(fleet.redis)
            // Every tenth session made three attempts that were refused.
            #expect(
                try await becomesTrue { (try entries.run("XLEN", "pc:{g}:log").integer ?? 0) > sessions * 2 }
            )
            for format in ["json", "jsonl", "csv"] {
                try await silent(.service("GET", "/api/admin/audit?limit=1000&format=\(format)"))
                try await silent(.service("GET", "/api/admin/audit?limit=1000&kind=refused&format=\(format)"))
            }
            try await silent(.service("GET", "/api/admin/audit/verification"))
            for client in fleet.clients {
                let answer = try await client.send(HTTPCall("GET", "/metrics"))
                bodies.withLock { $0 += answer.body }
            }
            let probe = try RedisProbe(fleet.redis)
            let slow = try probe.run("SLOWLOG", "GET", "-1")
            try probe.run("SAVE")
            #expect(await becomesTrue { monitored().count > 100_000 })

            var search = SliceSearch()
            let all = tokens.withLock { $0 }
            for token in all {
                search.add(token.utf8)
                // The secret part in its binary form: verifier and signature.
                let padded = token.replacing("-", with: "+").replacing("_", with: "/")
                if let bytes = Data(base64Encoded: padded) { search.add(bytes.dropFirst(20)) }
            }
            // The search finds what is there.
            let slice = try #require(all.first).dropFirst(30).prefix(12)
            #expect(search.hits(in: Array("x\(slice)y".utf8)).count == 1)
            var searched = 0
            func expectNone(_ bytes: [UInt8], _ what: String) {
                searched += bytes.count
                let hits = search.hits(in: bytes)
                let (count, example) = (hits.count, hits.first ?? "")
                #expect(count == 0, "\(what): such as \(example)")
            }
            expectNone(bodies.withLock { $0 }, "answers")
            expectNone(monitored(), "MONITOR")
            expectNone(Array("\(slow)".utf8), "SLOWLOG")
            for node in fleet.nodes { expectNone(Array(node.log.utf8), "log of a node") }
            let files = FileManager.default.enumerator(atPath: directory.path)
            var persisted = 0
            while let name = files?.nextObject() as? String {
                guard name.hasSuffix(".rdb") || name.hasSuffix(".aof") else { continue }
                persisted += 1
                expectNone(
                    Array(
                        FileManager.default.contents(atPath: directory.appending(path: name).path) ?? Data()
                    ),
                    name
                )
            }
            report(
                "R8 \(all.count) tokens, \(progress.summary), \(searched) bytes searched in \(persisted) files and more"
            )
            #expect(persisted >= 2)
            #expect(all.count >= sessions)
            #expect(progress["answers"] >= sessions * 7)
        }

        /// Tokens where they do not belong: whatever is wrong, the answer and the log do not repeat them.
        private func mistakes(_ created: CreatedAnswer, _ silent: (HTTPCall) async throws -> Void)
            async throws
        {
            let token = created.token
            let json = ("Content-Type", "application/json")
            try await silent(.service("GET", "/api/admin/sessions/\(token)"))
            try await silent(.service("DELETE", "/api/sessions/\(token)"))
            try await silent(.service("GET", "/api/admin/sessions?userId=\(token)&\(token)=1"))
            // Timelines are kept for long: of a path neither the query nor what may be a token stays.
            try await silent(
                .service(
                    "POST",
                    "/api/sessions/\(created.session.id)/activity",
                    #"{"path":"/reset/\#(token)?token=\#(token)"}"#
                )
            )
            try await silent(.service("GET", "/api/admin/sessions/\(created.session.id)/activity"))
            try await silent(HTTPCall("GET", "/check?token=\(token)"))
            try await silent(HTTPCall("GET", "/\(token)"))
            try await silent(.service("POST", "/api/sessions", #"{"userId":"\#(token)","\#(token)":1}"#))
            try await silent(.service("POST", "/api/sessions", "{\"userId\":\(token)}"))
            try await silent(
                .service("POST", "/api/sessions/\(created.session.id)/rotate", #"{"token":"\#(token)x"}"#)
            )
            try await silent(
                HTTPCall("POST", "/api/sessions", headers: [("X-Service-Key", token), json], body: "{}")
            )
            let bearer = ("Authorization", "Bearer \(token)")
            try await silent(HTTPCall("DELETE", "/api/admin/sessions/\(token)", headers: [bearer]))
            try await silent(HTTPCall("GET", "/api/admin/users/\(token)/sessions", headers: [bearer]))
            try await silent(HTTPCall("DELETE", "/api/admin/sessions?userId=\(token)", headers: [bearer]))
            try await silent(
                HTTPCall(
                    "GET",
                    "/check",
                    headers: [("Authorization", "Bearer \(token)"), ("Cookie", "session_token=\(token)")]
                )
            )
            try await silent(HTTPCall("GET", "/check", headers: [("Cookie", "session_token=\"\(token)\"")]))
        }
    }
}
