import Foundation
import HTTPFront
import NIOCore
import SessionAuthentication
import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct CheckTests {
    @Test(arguments: [true, false])
    func rfc6750Answers(isHot: Bool) async throws {
        try await withFront { front in
            let token = try await front.token("al ice", roles: ["editor", "a%b"])
            let id = try #require(Token(token)?.sessionID.description)
            for headers in [front.session(token), front.service(token)] {
                let answer = try await front.call("GET", "/check", headers: headers, isHot: isHot)
                #expect(answer.status == 204)
                #expect(answer["X-Session-Id"] == id)
                #expect(answer["X-Session-User"] == "al%20ice")
                #expect(answer["X-Session-Roles"] == "editor,a%25b")
                #expect(answer["X-Session-Expires"]?.hasSuffix("Z") == true)
                #expect(answer["X-Session-Organization"] == nil)
                #expect(answer["Cache-Control"] == "no-store")
                #expect(answer["Content-Length"] == nil)
            }
            let none = try await front.call("GET", "/check", isHot: isHot)
            #expect(none.status == 401)
            #expect(none["WWW-Authenticate"] == "Bearer realm=\"portcullis\"")
            #expect(none.body.contains("\"code\":\"unauthenticated\""))
            let bad = try await front.call("GET", "/check", headers: front.session("x"), isHot: isHot)
            #expect(bad.status == 401)
            #expect(bad["WWW-Authenticate"] == "Bearer realm=\"portcullis\", error=\"invalid_token\"")
            #expect(bad["Content-Type"] == "application/problem+json")
            #expect(bad.body.contains("\"error\":\"Invalid session\""))
            #expect(bad["Set-Cookie"] == nil)
            let head = try await front.call("HEAD", "/check", headers: front.session("x"), isHot: isHot)
            #expect(
                head.status == 401 && head.body.isEmpty && head["Content-Length"] == bad["Content-Length"]
            )
            let both = front.session(token) + front.service(token)
            let ambiguous = try await front.call("GET", "/check", headers: both, isHot: isHot)
            #expect(ambiguous.status == 400 && ambiguous.body.contains("\"code\":\"ambiguous_token\""))
            _ = try await front.gateway.end(try #require(SessionID(id)), Ending(.revoked))
            let ended = try await front.call("GET", "/check", headers: front.session(token), isHot: isHot)
            #expect(ended.status == 401 && ended.body.contains("\"error\":\"Session expired\""))
            for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"] {
                #expect(try await front.call(method, "/check", isHot: isHot).status == 401, "\(method)")
            }
        }
    }

    @Test func identityHeadersComeInThreeFamilies() async throws {
        for (family, user, roles) in [
            ("remote", "Remote-User", "Remote-Groups"),
            ("x-auth-request", "X-Auth-Request-User", "X-Auth-Request-Groups"),
        ] {
            try await withFront(adjustFront: { $0.identityHeaders = .init(rawValue: family) ?? .session }) {
                front in
                let token = try await front.token("bob", roles: ["r", "s"])
                for isHot in [true, false] {
                    let answer = try await front.call(
                        "GET",
                        "/check",
                        headers: front.session(token),
                        isHot: isHot
                    )
                    #expect(
                        answer[user] == "bob" && answer[roles] == "r,s" && answer["X-Session-User"] == nil
                    )
                }
            }
        }
    }

    @Test func asvs1652AnOutageIs503AndNobodyIsLoggedOut() async throws {
        try await withFront(adjustGateway: { $0.isStrict = true }) { front in
            let token = try await front.token()
            front.redis.stop()
            for isHot in [true, false] {
                let answer = try await front.call(
                    "GET",
                    "/check",
                    headers: front.session(token),
                    isHot: isHot
                )
                #expect(answer.status == 503)
                #expect(answer["Retry-After"] == "1")
                #expect(answer["Set-Cookie"] == nil)
                #expect(answer.body.contains("\"code\":\"unavailable\""))
            }
            // What needs no Redis is still told apart.
            #expect(try await front.call("GET", "/check", headers: front.session("x")).status == 401)
            let own = front.session(token) + [("Sec-Fetch-Site", "same-origin")]
            let logout = try await front.call("POST", "/api/auth/logout", headers: own)
            #expect(logout.status == 503 && logout["Set-Cookie"] == nil)
        }
    }

    @Test func answersKeepTheOrderOfRequestsWhileRedisIsSlow() async throws {
        try await withFront(adjustGateway: { $0.commandTimeout = .seconds(10) }) { front in
            let users = ["u0", "u1", "u2", "u3"]
            var sent: [UInt8] = []
            for user in users {
                let token = try await front.token(user, keepWarm: false)
                sent += Array(
                    "GET /check HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\n\r\n".utf8
                )
                sent += Array("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
                sent += Array("HEAD /check HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            }
            let cut = sent.count / 2 + 7
            front.redis.pause()
            async let answer = exchange(port: front.hotPort, [Array(sent[..<cut]), Array(sent[cut...])])
            // The first check has reached the paused server when its connection has unread bytes; there is no
            // way to see that from here, and nothing depends on it.
            await Task.yield()
            front.redis.resume()
            let responses = RawResponse.parse(try await answer)
            #expect(responses.map(\.status) == users.flatMap { _ in [204, 200, 401] })
            #expect(responses.compactMap { $0["X-Session-User"] } == users)
        }
    }

    @Test func aClientThatLeavesWhileItsCheckWaitsHurtsNobody() async throws {
        try await withFront(adjustGateway: { $0.commandTimeout = .seconds(10) }) { front in
            var tokens: [String] = []
            for index in 0..<20 { tokens.append(try await front.token("u\(index)", keepWarm: false)) }
            front.redis.pause()
            for token in tokens {
                let client = try await RawClient.connect(port: front.hotPort)
                try await client.channel.executeThenClose { _, outbound in
                    let text = "GET /check HTTP/1.1\r\nHost: a\r\nCookie: session_token=\(token)\r\n\r\n"
                    try await outbound.write(ByteBuffer(string: text + text))
                }
            }
            front.redis.resume()
            for (index, token) in tokens.enumerated() {
                let answer = try await front.call("GET", "/check", headers: front.session(token))
                #expect(answer["X-Session-User"] == "u\(index)")
            }
        }
    }

    @Test func checksManyTokens() async throws {
        try await withFront { front in
            var tokens: [String] = []
            for index in 0..<150 {
                tokens.append(try await front.token("u\(index)", keepWarm: index % 2 == 0))
            }
            tokens.append("nonsense")
            let json = String(decoding: try JSONEncoder().encode(["tokens": tokens]), as: UTF8.self)
            let headers = front.service(front.checkKey)
            let answer = try await front.call("POST", "/api/sessions/check", headers: headers, json: json)
            #expect(answer.status == 200)
            struct Results: Decodable {
                struct Result: Decodable {
                    struct Session: Decodable { var userId: String }
                    var active: Bool
                    var session: Session?
                    var code: String?
                }
                var results: [Result]
            }
            let results = try JSONDecoder().decode(Results.self, from: Data(answer.body.utf8)).results
            #expect(results.map(\.session?.userId) == (0..<150).map { "u\($0)" } + [nil])
            #expect(results.last?.code == "invalid_session" && results.last?.active == false)
            let one = try await front.call(
                "POST",
                "/api/sessions/check",
                headers: headers,
                json: "{\"token\":\"\(tokens[3])\"}"
            )
            #expect(one.status == 200 && one.body.contains("\"active\":true"))
            let many = "{\"tokens\":[" + Array(repeating: "\"x\"", count: 1001).joined(separator: ",") + "]}"
            for (json, status) in [
                (many, 422), ("{\"tokens\":[]}", 422), ("{}", 422), ("{\"token\":1}", 422),
            ] {
                let answer = try await front.call("POST", "/api/sessions/check", headers: headers, json: json)
                #expect(answer.status == status, "\(answer)")
            }
        }
    }
}
