import Foundation
import HTTPFront
import NIOCore
import NIOPosix
import SessionAuthentication
import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct SafetyTests {
    @Test func onlyThosePermittedMayCall() async throws {
        try await withFront { front in
            let user = try await front.token("user")
            let admin = try await front.token("root", roles: ["portcullis:admin"])
            let callers: [(String, [(String, String)])] = [
                ("nobody", []), ("user", front.session(user)), ("admin", front.session(admin)),
                ("check", front.service(front.checkKey)), ("app", [("X-Service-Key", front.appKey)]),
                ("boss", front.service(front.adminKey)), ("wrong", front.service("pk_app_wrong")),
                ("two", front.service(front.appKey) + [("X-Service-Key", front.appKey)]),
            ]
            let expectations: [(String, String, String?, [Int])] = [
                // method, path, body, status for each caller
                ("GET", "/api/admin/sessions", nil, [401, 403, 200, 403, 403, 200, 401, 400]),
                ("GET", "/api/admin/nodes", nil, [401, 403, 200, 403, 403, 200, 401, 400]),
                ("POST", "/api/sessions", "{}", [401, 401, 401, 403, 422, 422, 401, 400]),
                ("POST", "/api/sessions/check", #"{"token":"x"}"#, [401, 401, 401, 200, 200, 200, 401, 400]),
                ("GET", "/api/auth/session", nil, [401, 200, 200, 401, 401, 401, 401, 401]),
                ("GET", "/health/live", nil, [200, 200, 200, 200, 200, 200, 200, 200]),
                ("GET", "/health/ready", nil, [200, 200, 200, 200, 200, 200, 200, 200]),
                ("GET", "/metrics", nil, [200, 200, 200, 200, 200, 200, 200, 200]),
            ]
            for (method, path, json, statuses) in expectations {
                for ((name, headers), status) in zip(callers, statuses) {
                    let answer = try await front.call(method, path, headers: headers, json: json)
                    #expect(answer.status == status, "\(name) \(method) \(path): \(answer)")
                    if status == 401 { #expect(answer["WWW-Authenticate"]?.hasPrefix("Bearer ") == true) }
                }
            }
        }
    }

    @Test func asvs351CookiesMakeNoChangesForOtherSites() async throws {
        try await withFront { front in
            let token = try await front.token(roles: ["portcullis:admin"])
            let own = "http://gate.example"
            let cases: [(String?, String?, Bool)] = [
                (nil, nil, false), ("same-origin", nil, true), ("none", nil, true), ("same-site", nil, false),
                ("cross-site", nil, false), ("bogus", nil, false), (nil, own, true), (nil, "null", false),
                (nil, "https://evil.example", false), (nil, "http://gate.example.evil.example", false),
                (nil, "http://gate.example:8080", false), ("same-origin", own, true),
                ("cross-site", own, false),
                ("same-origin", "https://evil.example", false),
            ]
            for (site, origin, isAllowed) in cases {
                let extra =
                    (site.map { [("Sec-Fetch-Site", $0)] } ?? []) + (origin.map { [("Origin", $0)] } ?? [])
                for (method, path) in [
                    ("DELETE", "/api/auth/sessions/others"), ("DELETE", "/api/admin/sessions?userId=x"),
                ] {
                    let headers = front.session(token) + extra
                    let answer = try await front.call(method, path, headers: headers)
                    #expect(answer.status == (isAllowed ? 200 : 403), "\(extra): \(answer)")
                    if !isAllowed { #expect(answer.body.contains("\"code\":\"csrf")) }
                    // Bearer tokens are not sent by browsers on their own.
                    let bearer = front.service(token) + extra
                    #expect(try await front.call(method, path, headers: bearer).status == 200)
                }
                // Reading changes nothing, so it is always possible.
                let read = try await front.call(
                    "GET",
                    "/api/auth/session",
                    headers: front.session(token) + extra
                )
                #expect(read.status == 200)
            }
        }
    }

    @Test func rfc9457BadInputGetsAClearError() async throws {
        try await withFront { front in
            let app = front.service(front.appKey)
            func create(_ json: String) async throws -> RawResponse {
                try await front.call("POST", "/api/sessions", headers: app, json: json)
            }
            let long = String(repeating: "x", count: 257)
            let table: [(String, Int, String?)] = [
                ("", 400, nil), ("{", 400, nil), ("[]", 422, nil), ("{}", 422, "userId"),
                (#"{"userId":""}"#, 422, "userId"), (#"{"userId":1}"#, 422, "userId"),
                (#"{"userId":"\#(long)"}"#, 422, "userId"), (#"{"userId":"a\nb"}"#, 422, "userId"),
                (#"{"userId":"a\u202eb"}"#, 422, "userId"), (#"{"userId":"a\u0000"}"#, 400, nil),
                (#"{"userId":"\ud800"}"#, 400, nil), (#"{"userId":"a","userId":"b"}"#, 400, nil),
                (#"{"userId":"a","role":["x"]}"#, 422, "role"),
                (#"{"userId":"a","roles":"x"}"#, 422, "roles"),
                (#"{"userId":"a","roles":["x,y"]}"#, 422, "roles"),
                (#"{"userId":"a","roles":[1]}"#, 422, "roles.0"),
                (#"{"userId":"{a}","data":"\#(String(repeating: "d", count: 9000))"}"#, 422, "data"),
                (
                    #"{"userId":"a","data":"# + String(repeating: "[", count: 40)
                        + String(repeating: "]", count: 40) + "}", 400, nil
                ),
                (#"{"userId":"a","sessionName":"\#(String(repeating: "x", count: 70_000))"}"#, 413, nil),
            ]
            for (json, status, field) in table {
                let answer = try await create(json)
                #expect(answer.status == status, "\(json.prefix(60)): \(answer)")
                #expect(answer["Content-Type"] == "application/problem+json")
                if let field { #expect(answer.body.contains("\"field\":\"\(field)\""), "\(answer)") }
            }
            #expect(try await create(#"{"userId":"{a}*:?"}"#).status == 201)
            let form = [("Content-Type", "application/x-www-form-urlencoded")]
            let type = try await front.call("POST", "/api/sessions", headers: app + form, body: "userId=a")
            #expect(type.status == 415)
            #expect(try await front.call("GET", "/api/nothing").status == 404)
            let method = try await front.call("PUT", "/api/sessions", headers: app)
            #expect(method.status == 405 && method["Allow"] == "POST")
            #expect(try await front.call("POST", "/health/live")["Allow"] == "GET, HEAD")
            let gone = try await front.call("DELETE", "/api/sessions/zz", headers: app)
            #expect(gone.status == 404)
        }
    }

    /// ASVS 3.4.1 and 3.4.3 to 3.4.8 but for 3.4.7, which is about reports of violations; 14.3.2.
    @Test func asvs34EveryAnswerIsProtected() async throws {
        try await withFront(adjustFront: { $0.cookie = .init() }) { front in
            let token = try await front.token(roles: ["portcullis:admin"])
            let cookie = [("Cookie", "__Host-session_token=\(token)")]
            for path in [
                "/health/live", "/nothing", "/api/auth/session", "/metrics", "/openapi.json",
                "/api/admin/sessions",
            ] {
                for headers in [[], cookie] {
                    let answer = try await front.call("GET", path, headers: headers)
                    #expect(answer["Cache-Control"] == "no-store")
                    #expect(answer["X-Content-Type-Options"] == "nosniff")
                    #expect(answer["X-Frame-Options"] == "DENY")
                    #expect(
                        answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
                    )
                    #expect(
                        answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
                    )
                    #expect(answer["Referrer-Policy"] == "no-referrer")
                    #expect(answer["Cross-Origin-Opener-Policy"] == "same-origin")
                    #expect(answer["Cross-Origin-Resource-Policy"] == "same-origin")
                    #expect(answer["Server"] == nil)
                }
            }
            for isHot in [true, false] {
                let check = try await front.call("GET", "/check", headers: cookie, isHot: isHot)
                #expect(check.status == 204 && check["Cache-Control"] == "no-store")
            }
        }
    }

    /// ASVS 3.3.3: another host of the domain can set a cookie of the plain name, so that one does not count.
    @Test func asvs333OnlyThePrefixedCookieCounts() async throws {
        try await withFront(adjustFront: { $0.cookie = .init() }) { front in
            let token = try await front.token()
            for isHot in [true, false] {
                for (name, status) in [
                    ("session_token", 401), ("__Secure-session_token", 401), ("__host-session_token", 401),
                    ("__Host-session_token", 204),
                ] {
                    let cookie = [("Cookie", "\(name)=\(token)")]
                    let answer = try await front.call("GET", "/check", headers: cookie, isHot: isHot)
                    #expect(answer.status == status, "\(name)")
                }
            }
        }
    }

    /// ASVS 14.2.1, RFC 9700 4.3.2: what stands in a URL ends in logs and histories.
    @Test func asvs1421TokensInURLsAreRefused() async throws {
        try await withFront { front in
            let token = try await front.token(roles: ["portcullis:admin"])
            for name in ["session_token", "access_token", "token", "bearer_token", "Authorization"] {
                for (method, path, statuses) in [
                    ("GET", "/check?\(name)=\(token)", [401]), ("GET", "/check/\(token)", [404]),
                    ("GET", "/check;\(name)=\(token)", [404]),
                    ("GET", "/api/auth/session?\(name)=\(token)", [401]),
                    ("POST", "/api/auth/logout?\(name)=\(token)", [401]),
                    ("GET", "/api/admin/sessions?\(name)=\(token)", [401]),
                    ("GET", "/api/admin/sessions?\(name)=\(front.adminKey)", [401]),
                    ("POST", "/oauth2/introspect?\(name)=\(token)", [400, 401, 415]),
                ] {
                    for isHot in [true, false] {
                        let answer = try await front.call(method, path, isHot: isHot)
                        #expect(statuses.contains(answer.status), "\(path): \(answer)")
                        #expect(!answer.body.contains(token) && !answer.body.contains(front.adminKey))
                    }
                }
            }
            // Beside a good token it is refused as well, and not taken for a demand that is met.
            let both = front.session(token)
            #expect(try await front.call("GET", "/check?token=\(token)", headers: both).status == 400)
            #expect(try await front.call("GET", "/check", headers: both).status == 204)
        }
    }

    @Test(arguments: [
        "Content-Length: 5\r\nTransfer-Encoding: chunked", "Content-Length: 5\r\nContent-Length: 6",
        "Transfer-Encoding : chunked", "X: a\nY: b", "X: a\r\n b", "Host: other",
        "Transfer-Encoding: gzip, chunked, gzip",
        "Content-Length: +5", "Content-Length: 5, 5", "X: a\u{0}b",
    ])
    func asvs421SmugglingIs400AndTheConnectionEnds(_ field: String) async throws {
        try await withFront { front in
            for method in ["GET /check", "POST /api/sessions/check"] {
                let request =
                    "\(method) HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n"
                    + "GET /health/live HTTP/1.1\r\nHost: canary\r\n\r\n"
                for port in [front.hotPort, front.slowPort] {
                    let answers = RawResponse.parse(try await exchange(port: port, [Array(request.utf8)]))
                    #expect(answers.map(\.status) == [400], "\(answers)")
                }
            }
        }
    }

    @Test func tooMuchIsRefusedAndCostsLittle() async throws {
        try await withFront { front in
            let many =
                "GET /health/live HTTP/1.1\r\nHost: a\r\n" + String(repeating: "A: b\r\n", count: 65_000)
                + "\r\n"
            let large =
                "GET /health/live HTTP/1.1\r\nHost: a\r\nA: " + String(repeating: "b", count: 1 << 20)
                + "\r\n\r\n"
            for request in [many, large] {
                let answers = RawResponse.parse(
                    try await exchange(port: front.hotPort, [Array(request.utf8)])
                )
                #expect(answers.map(\.status) == [431])
            }
            let chunk = "1000\r\n" + String(repeating: "x", count: 0x1000) + "\r\n"
            let body = String(repeating: chunk, count: 100) + "0\r\n\r\n"
            let head =
                "POST /api/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                + "X-Service-Key: \(front.appKey)\r\nTransfer-Encoding: chunked\r\n\r\n"
            let answers = RawResponse.parse(
                try await exchange(port: front.hotPort, [Array((head + body).utf8)])
            )
            #expect(answers.map(\.status) == [413])
        }
    }

    @Test func rfc9112ConnectionsEndAsTheirProtocolSays() async throws {
        try await withFront { front in
            func answers(_ head: String) async throws -> [RawResponse] {
                let canary = "GET /health/live HTTP/1.1\r\nHost: canary\r\n\r\n"
                return RawResponse.parse(
                    try await exchange(port: front.hotPort, [Array((head + canary).utf8)])
                )
            }
            let old = try await answers("GET /check HTTP/1.0\r\nHost: a\r\n\r\n")
            #expect(old.first?["Connection"] == "close")
            let kept = try await answers("GET /check HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
            #expect(kept.map(\.status) == [401, 200] && kept.first?["Connection"] == "keep-alive")
            let closing = try await answers("GET /check HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(closing.first?["Connection"] == "close" && closing.first?.status == 401)
        }
    }
}
