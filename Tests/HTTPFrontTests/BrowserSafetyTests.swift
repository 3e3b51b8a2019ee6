import Foundation
import GatewayAPI
import HTTPFront
import HTTPTypes
import SessionAuthentication
import SessionCore
import SessionGateway
import TestSupport
import Testing

/// What other sites' pages can do with a browser that is logged in: nothing (ASVS 3.3 to 3.5).
@Suite struct BrowserSafetyTests {
    private enum Outcome { case passes, refused, needsToken }

    private static let own = "http://gate.example"
    private static let listed = "https://app.example"

    /// Sec-Fetch-Site (its four values, an unknown one, absent) × Origin (own, allow-listed, foreign, null, absent).
    private static let table: [(site: String?, outcomes: [Outcome])] = [
        // own, listed, foreign, null, absent
        ("same-origin", [.passes, .passes, .refused, .refused, .passes]),
        ("none", [.passes, .passes, .refused, .refused, .passes]),
        ("same-site", [.refused, .passes, .refused, .refused, .refused]),
        ("cross-site", [.refused, .passes, .refused, .refused, .refused]),
        ("bogus", [.refused, .refused, .refused, .refused, .refused]),
        (nil, [.passes, .passes, .refused, .refused, .needsToken]),
    ]

    @Test func asvs351OnlyOwnPagesMakeChanges() async throws {
        try await withFront(adjustFront: { $0.allowedOrigins = [Self.listed] }) { front in
            let token = try await front.token(roles: ["portcullis:admin"])
            let id = try #require(Token(token)?.sessionID)
            let csrf = try await front.call("GET", "/api/auth/csrf", headers: front.session(token))
            let text = try SessionRouteTests.decode(CSRFTokenJSON.self, csrf).csrfToken
            let proof = [("X-CSRF-Token", text)]
            func cookies(_ csrf: String?) -> [(String, String)] {
                [("Cookie", "session_token=\(token)" + (csrf.map { "; csrf_token=\($0)" } ?? ""))]
            }
            let origins: [String?] = [Self.own, Self.listed, "https://evil.example", "null", nil]
            let changes = [
                ("DELETE", "/api/auth/sessions/others"), ("POST", "/api/auth/session/rotate?ifDue=true"),
                ("DELETE", "/api/admin/sessions?userId=x"),
            ]
            for row in Self.table {
                for (origin, outcome) in zip(origins, row.outcomes) {
                    let extra =
                        (row.site.map { [("Sec-Fetch-Site", $0)] } ?? [])
                        + (origin.map { [("Origin", $0)] } ?? [])
                    for (method, path) in changes {
                        let plain = try await front.call(method, path, headers: cookies(nil) + extra)
                        let proven = try await front.call(
                            method,
                            path,
                            headers: cookies(text) + extra + proof
                        )
                        switch outcome {
                        case .passes:
                            #expect(plain.status == 200 && proven.status == 200, "\(extra) \(plain)")
                        case .refused:
                            #expect(plain.status == 403 && proven.status == 403, "\(extra): \(plain)")
                            #expect(plain.body.contains("\"code\":\"csrf\""))
                        case .needsToken:
                            #expect(
                                plain.status == 403 && proven.status == 200,
                                "\(extra): \(plain) \(proven)"
                            )
                            #expect(plain.body.contains("\"code\":\"csrf_token_required\""))
                        }
                        // Browsers do not send Bearer tokens by themselves.
                        let bearer = front.service(token) + extra
                        #expect(try await front.call(method, path, headers: bearer).status == 200)
                    }
                    // Safe methods change nothing, and are always possible.
                    for method in ["GET", "HEAD"] {
                        let headers = cookies(nil) + extra
                        let read = try await front.call(method, "/api/auth/session", headers: headers)
                        #expect(read.status == 200 && read["Set-Cookie"] == nil)
                    }
                }
            }
            let twice = [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "same-origin")]
            let (method, path) = changes[0]
            #expect(try await front.call(method, path, headers: cookies(nil) + twice).status == 403)
            #expect(await front.gateway.check(token).isActive, "\(id)")
        }
    }

    /// The double-submit token is bound to the session, signed, and has to come both ways.
    @Test func asvs351TheDoubleSubmitToken() async throws {
        try await withFront { front in
            let mine = try await front.token("alice")
            let other = try await front.token("mallory")
            func csrf(_ token: String) async throws -> String {
                let answer = try await front.call("GET", "/api/auth/csrf", headers: front.session(token))
                let text = try SessionRouteTests.decode(CSRFTokenJSON.self, answer).csrfToken
                #expect(answer["Set-Cookie"] == "csrf_token=\(text); Path=/; SameSite=Strict")
                return text
            }
            let good = try await csrf(mine)
            let foreign = try await csrf(other)
            #expect(try await csrf(mine) != good)
            var tampered = Array(good.utf8)
            tampered[20] = tampered[20] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let wrong = String(decoding: tampered, as: UTF8.self)
            func change(_ token: String, _ cookie: String, _ headers: [String]) async throws -> Int {
                try await front.call(
                    "DELETE",
                    "/api/auth/sessions/others",
                    headers: [("Cookie", "session_token=\(token)\(cookie)")]
                        + headers.map { ("X-CSRF-Token", $0) }
                ).status
            }
            #expect(try await change(mine, "; csrf_token=\(good)", [good]) == 200)
            for (cookie, headers) in [
                ("", [good]), ("; csrf_token=\(good)", []), ("; csrf_token=\(good)", [foreign]),
                ("; csrf_token=\(foreign)", [foreign]), ("; csrf_token=\(wrong)", [wrong]),
                ("; csrf_token=\(good); csrf_token=\(good)", [good]), ("; csrf_token=\(good)", [good, good]),
                ("; csrf_token=", [""]), ("; csrf_token=\(good)x", [good + "x"]),
            ] {
                #expect(try await change(mine, cookie, headers) == 403, "\(cookie) \(headers)")
            }
            // Rotation leaves it alone; a new login does not.
            let next = try await front.gateway.rotate(mine).token.text
            #expect(try await change(next, "; csrf_token=\(good)", [good]) == 200)
            let again = try await front.token("alice")
            #expect(try await change(again, "; csrf_token=\(good)", [good]) == 403)
            // What is no session is told so, not that a token is missing.
            #expect(try await change("nonsense", "", []) == 401)
            #expect(try await front.call("GET", "/api/auth/csrf").status == 401)
            let bearer = try await front.call("GET", "/api/auth/csrf", headers: front.service(next))
            #expect(bearer.status == 200 && bearer["Set-Cookie"] == nil)
        }
    }

    /// ASVS 14.3.1: after a logout nothing is left in the browser.
    @Test func asvs1431LogoutClearsTheBrowser() async throws {
        try await withFront(adjustFront: { $0.cookie = SessionCookie(sameSite: .strict, name: "sid") }) {
            front in
            let token = try await front.token()
            let csrf = try await front.call(
                "GET",
                "/api/auth/csrf",
                headers: [("Cookie", "__Host-sid=\(token)")]
            )
            #expect(csrf["Set-Cookie"]?.hasPrefix("__Host-csrf_token=") == true)
            #expect(csrf["Set-Cookie"]?.hasSuffix("; Path=/; SameSite=Strict; Secure") == true)
            let cookies = "__Host-sid=\(token); __Host-csrf_token=x"
            let answer = try await front.call(
                "POST",
                "/api/auth/logout",
                headers: [("Cookie", cookies), ("Sec-Fetch-Site", "same-origin")]
            )
            #expect(answer.status == 200 && answer["Clear-Site-Data"] == #""cache", "cookies", "storage""#)
            #expect(
                answer.headers.filter { $0.hasPrefix("set-cookie:") } == [
                    "set-cookie: __Host-csrf_token=; Max-Age=0; Path=/; SameSite=Strict; Secure",
                    "set-cookie: __Host-sid=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict; Secure",
                ]
            )
            #expect(answer["Cross-Origin-Opener-Policy"] == "same-origin")
        }
    }

    /// ASVS 3.4.2: Access-Control-Allow-Origin only for origins of the list, never `*`.
    @Test func asvs342SharesWithListedOriginsOnly() async throws {
        try await withFront(adjustFront: { $0.allowedOrigins = [Self.listed] }) { front in
            let token = try await front.token()
            func preflight(_ path: String, _ origin: String) async throws -> RawResponse {
                try await front.call(
                    "OPTIONS",
                    path,
                    headers: [("Origin", origin), ("Access-Control-Request-Method", "DELETE")]
                )
            }
            let good = try await preflight("/api/auth/sessions/others", Self.listed)
            #expect(good.status == 204 && good["Access-Control-Allow-Origin"] == Self.listed)
            #expect(good["Access-Control-Allow-Credentials"] == "true")
            #expect(good["Access-Control-Allow-Methods"] == "DELETE")
            #expect(good["Access-Control-Allow-Headers"]?.contains("X-CSRF-Token") == true)
            #expect(good["Vary"]?.contains("Origin") == true)
            let page = try await preflight("/api/auth/sessions", Self.listed)
            #expect(page["Access-Control-Allow-Methods"] == "GET, DELETE")
            for (path, origin) in [
                ("/api/auth/sessions", "https://evil.example"), ("/api/auth/sessions", "null"),
                ("/api/auth/sessions", Self.listed + ".evil.example"), ("/api/sessions", Self.listed),
                ("/check", Self.listed), ("/metrics", Self.listed), ("/nothing", Self.listed),
            ] {
                let answer = try await preflight(path, origin)
                #expect(
                    answer.status >= 400 && answer["Access-Control-Allow-Origin"] == nil,
                    "\(path) \(origin)"
                )
            }
            for (origin, allowed) in [(Self.listed, Self.listed), ("https://evil.example", nil)] {
                let headers = front.session(token) + [("Origin", origin)]
                let answer = try await front.call("GET", "/api/auth/session", headers: headers)
                #expect(answer.status == 200 && answer["Access-Control-Allow-Origin"] == allowed)
                #expect(answer["Vary"] == "Origin")
                // Also an error can be read by a page of the list.
                let error = try await front.call("GET", "/api/auth/session", headers: [("Origin", origin)])
                #expect(error.status == 401 && error["Access-Control-Allow-Origin"] == allowed)
            }
        }
    }

    /// ASVS 3.5.3: every call that a browser's cookie opens and that changes something is guarded, a new one as well.
    @Test func asvs353EveryChangeIsGuarded() async throws {
        try await withFront { front in
            let token = try await front.token(roles: ["portcullis:admin"])
            var guarded = 0
            for route in Routes.all where route.caller == .session || route.caller.isAdministrator {
                guard case .one(let method) = route.method else { continue }
                let path = route.path.replacing(/\{\w+\}/, with: "00ff0123456789abcdef")
                for site in ["cross-site", "same-site"] {
                    let headers = front.session(token) + [("Sec-Fetch-Site", site)]
                    let answer = try await front.call(method.rawValue, path, headers: headers)
                    let isRefused = answer.status == 403 && answer.body.contains("\"code\":\"csrf\"")
                    if method == .get {
                        #expect(!isRefused && answer.status != 405, "\(route.path): \(answer)")
                    } else {
                        #expect(isRefused, "\(method) \(route.path): \(answer)")
                        guarded += 1
                        // And no safe method leads to it: what is changed by GET is another route's.
                        #expect(![.head, .options, .trace].contains(method))
                        #expect(answer["Set-Cookie"] == nil)
                    }
                }
            }
            #expect(guarded >= 20)
            #expect(await front.gateway.check(token).isActive)
        }
    }

    /// ASVS 3.3.5: name and value take at most 4,096 bytes, or browsers drop the cookie.
    @Test func asvs335CookiesAreShort() async throws {
        let longest = String(repeating: "n", count: 64)
        try await withFront(adjustFront: { $0.cookie = SessionCookie(name: longest) }) { front in
            let token = try await front.token(
                roles: (0..<32).map { String(repeating: "r", count: 60) + "\($0)" }
            )
            let own = [("Cookie", "__Host-\(longest)=\(token)"), ("Sec-Fetch-Site", "same-origin")]
            for (method, path) in [("POST", "/api/auth/session/rotate"), ("GET", "/api/auth/csrf")] {
                let answer = try await front.call(method, path, headers: own)
                let cookies = answer.headers.filter { $0.hasPrefix("set-cookie:") }
                #expect(answer.status == 200 && cookies.count == 1)
                // With all attributes it is shorter than what name and value may take.
                for cookie in cookies { #expect(cookie.utf8.count < 512) }
            }
        }
    }

    /// ASVS 3.3.1, 3.3.2 and 3.3.4.
    @Test func asvs33CookieNamesAndAttributes() {
        #expect(SessionCookie(name: "sid").name == "__Host-sid")
        #expect(
            SessionCookie(isSecure: true, sameSite: .none, name: "sid").setting(token: "t")
                == "__Host-sid=t; Path=/; HttpOnly; SameSite=None; Secure"
        )
        #expect(SessionCookie(isSecure: false, name: "sid").name == "sid")
    }
}

extension CheckResult {
    fileprivate var isActive: Bool { if case .active = self.kind { true } else { false } }
}
