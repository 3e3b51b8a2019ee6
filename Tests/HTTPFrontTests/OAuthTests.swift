import Foundation
import GatewayAPI
import SessionCore
import SessionGateway
import TestSupport
import Testing

/// Introspection (RFC 7662) and revocation (RFC 7009), their clients (RFC 6749) and challenges (RFC 6750).
@Suite struct OAuthTests {
    static func basic(_ id: String, _ secret: String) -> [(String, String)] {
        [("Authorization", "Basic " + Data("\(id):\(secret)".utf8).base64EncodedString())]
    }

    static func post(
        _ front: FrontFixture,
        _ path: String,
        _ body: String,
        _ headers: [(String, String)],
        type: String = "application/x-www-form-urlencoded"
    ) async throws -> RawResponse {
        try await front.call("POST", path, headers: headers + [("Content-Type", type)], body: body)
    }

    static func error(_ response: RawResponse) throws -> String {
        try JSONDecoder().decode(OAuthErrorJSON.self, from: Data(response.body.utf8)).error
    }

    @Test func rfc7662TellsWhoseTokenItIs() async throws {
        try await withFront { front in
            var new = NewSession(user: try UserID("ünal"))
            new.roles = ["editor"]
            new.factors = ["password", "otp"]
            new.organization = "acme"
            let created = try await front.gateway.create(new)
            let session = created.session
            let answer = try await Self.post(
                front,
                "/oauth2/introspect",
                "token=\(created.token.text)&token_type_hint=refresh_token&extra=1",
                Self.basic("checker", front.checkKey)
            )
            #expect(answer.status == 200 && answer["Cache-Control"] == "no-store")
            #expect(answer["Content-Type"] == "application/json")
            let said = try JSONDecoder().decode(IntrospectionJSON.self, from: Data(answer.body.utf8))
            #expect(
                said.active && said.sub == "ünal" && said.username == "ünal" && said.tokenType == "Bearer"
            )
            #expect(said.sid == session.id.description && said.org == "acme" && said.roles == ["editor"])
            #expect(said.exp == session.absoluteDeadline.milliseconds / 1000)
            #expect(said.iat == session.createdAt.milliseconds / 1000 && said.authTime == said.iat)
            #expect(said.amr == ["password", "otp"] && said.jti == nil)
            #expect(!answer.body.contains(created.token.text))
        }
    }

    /// RFC 7662 2.2: nothing but `active` is said of what is not active.
    @Test func rfc7662SaysExactlyInactive() async throws {
        try await withFront { front in
            let ended = try await front.token()
            _ = try await front.gateway.end(try #require(Token(ended)?.sessionID), Ending(.revoked))
            let other = TokenKeyRing(
                signing: try TokenKeyRing.Key(id: 1, secret: [UInt8](repeating: 8, count: 32))
            )
            let forged = other.token(
                id: try #require(Token(ended)?.sessionID),
                verifier: Verifier(),
                idleTimeout: .seconds(60),
                absoluteExpiry: Timestamp(milliseconds: 4_000_000_000_000),
                remember: false
            )
            for token in [
                ended, forged.text, "x", "%00", "a.b.c", String(repeating: "A", count: 5000), front.appKey,
            ] {
                let answer = try await Self.post(
                    front,
                    "/oauth2/introspect",
                    "token=\(token)",
                    front.service(front.checkKey)
                )
                #expect(answer.status == 200 && answer.body == #"{"active":false}"#, "\(answer)")
                #expect(answer["Cache-Control"] == "no-store")
            }
        }
    }

    /// RFC 6749 2.3.1 and 5.2: who the client is.
    @Test func rfc6749AuthenticatesClients() async throws {
        try await withFront { front in
            let token = try await front.token()
            func introspect(_ headers: [(String, String)], form: String = "") async throws -> RawResponse {
                try await Self.post(front, "/oauth2/introspect", "token=\(token)" + form, headers)
            }
            let key = front.checkKey
            let form = "&client_id=checker&client_secret=\(key)"
            let encoded = key.replacing("_", with: "%5F")
            let good: [([(String, String)], String)] = [
                (Self.basic("checker", key), ""), (Self.basic("checker", encoded), ""), ([], form),
                (front.service(key), ""), ([("X-Service-Key", key)], ""),
                (Self.basic("checker", key), "&client_id=checker"), (Self.basic("boss", front.adminKey), ""),
                ([("Authorization", "bAsIc" + Self.basic("checker", key)[0].1.dropFirst(5))], ""),
            ]
            for (headers, form) in good {
                let answer = try await introspect(headers, form: form)
                #expect(answer.status == 200 && answer.body.contains("\"active\":true"), "\(answer)")
            }
            let basicChallenge = "Basic realm=\"portcullis\", charset=\"UTF-8\""
            let bearerChallenge = "Bearer realm=\"portcullis\", error=\"invalid_token\""
            let unknown: [([(String, String)], String, String)] = [
                ([], "", basicChallenge), ([], "&client_id=checker", basicChallenge),
                (Self.basic("app", key), "", basicChallenge),
                (Self.basic("checker", key + "x"), "", basicChallenge),
                (Self.basic("", key), "", basicChallenge),
                ([("Authorization", "Basic !!")], "", basicChallenge),
                (
                    [("Authorization", "Basic " + Data("checker".utf8).base64EncodedString())], "",
                    basicChallenge
                ),
                ([("Authorization", "Digest x")], "", basicChallenge),
                ([], "&client_id=app&client_secret=\(key)", basicChallenge),
                (front.service("pk_x_y"), "", bearerChallenge), (front.service(token), "", bearerChallenge),
                (front.session(token), "", basicChallenge),
            ]
            for (headers, form, challenge) in unknown {
                let answer = try await introspect(headers, form: form)
                #expect(answer.status == 401, "\(headers) \(form)")
                #expect(try Self.error(answer) == "invalid_client")
                #expect(answer["WWW-Authenticate"] == challenge)
                #expect(answer["Cache-Control"] == "no-store" && answer["Content-Type"] == "application/json")
            }
            let ambiguous: [([(String, String)], String)] = [
                (Self.basic("checker", key), form), (front.service(key), form),
                (Self.basic("checker", key) + [("X-Service-Key", key)], ""),
                (Self.basic("checker", key) + front.service(key), ""),
                (front.service(key) + front.service(key), ""),
                (Self.basic("checker", key), "&client_id=app"), ([], "&client_secret=\(key)"),
            ]
            for (headers, form) in ambiguous {
                let answer = try await introspect(headers, form: form)
                #expect(answer.status == 400, "\(headers) \(form)")
                #expect(try Self.error(answer) == "invalid_request")
            }
        }
    }

    /// RFC 6749 3.2: no parameter twice; and what is no form.
    @Test func rfc6749RefusesBrokenForms() async throws {
        try await withFront { front in
            let key = front.service(front.appKey)
            let long = String(repeating: "x", count: 20_000)
            let form = "application/x-www-form-urlencoded"
            for path in ["/oauth2/introspect", "/oauth2/revoke"] {
                for (body, type, status) in [
                    ("token=a&token=b", form, 400), ("token=a&x=1&x=2", form, 400), ("", form, 400),
                    ("token=", form, 400), ("token", form, 400), ("token=a&", form, 400), ("=a", form, 400),
                    ("token=%zz", form, 400), ("token=%ff", form, 400), ("token=a&&x=1", form, 400),
                    (#"{"token":"a"}"#, "application/json", 415), ("token=a", "text/plain", 415),
                    ("token=a", "application/x-www-form-urlencoded; charset=utf-16", 415),
                    ("token=\(long)", form, 413),
                    ("token=a", "Application/X-WWW-Form-Urlencoded;charset=UTF-8", 200),
                ] {
                    let answer = try await Self.post(front, path, body, key, type: type)
                    #expect(answer.status == status, "\(body.prefix(40)) \(type): \(answer)")
                    #expect(answer["Cache-Control"] == "no-store")
                    if status != 200 { #expect(try Self.error(answer) == "invalid_request") }
                }
                let query = try await Self.post(front, path + "?token=a", "token=a", key)
                #expect(query.status == 400 && !query.body.contains("pk_"))
                #expect(try await front.call("GET", path, headers: key).status == 405)
            }
        }
    }

    /// RFC 7009 2.2: revocation is true when it is answered, and unknown tokens are no error.
    @Test func rfc7009RevokesWhateverItIsGiven() async throws {
        try await withFront { front in
            let token = try await front.token()
            let rotated = try await front.gateway.rotate(token).token.text
            let other = try await front.token()
            let client = Self.basic("app", front.appKey)
            func revoke(_ token: String, _ headers: [(String, String)]? = nil) async throws -> RawResponse {
                try await Self.post(front, "/oauth2/revoke", "token=\(token)", headers ?? client)
            }
            // A token that has been rotated out names its session as well.
            for token in [token, token, rotated, "unknown", "a.b.c"] {
                let answer = try await revoke(token)
                #expect(answer.status == 200 && answer.body.isEmpty && answer["Cache-Control"] == "no-store")
            }
            #expect(try await front.call("GET", "/check", headers: front.session(rotated)).status == 401)
            #expect(try await front.call("GET", "/check", headers: front.session(other)).status == 204)
            let overview = try await front.gateway.session(try #require(Token(token)?.sessionID))
            #expect(overview?.end?.ending.kind == .revoked && overview?.end?.ending.actor == "key:app")
            let key = try await revoke(front.checkKey)
            #expect(key.status == 400)
            #expect(try Self.error(key) == "unsupported_token_type")
            // Who may only check may not revoke: RFC 6749 5.2 for OAuth clients, RFC 6750 3.1 for Bearer keys.
            let client2 = try await revoke(other, Self.basic("checker", front.checkKey))
            #expect(client2.status == 400)
            #expect(try Self.error(client2) == "unauthorized_client")
            let bearer = try await revoke(other, front.service(front.checkKey))
            #expect(bearer.status == 403)
            #expect(try Self.error(bearer) == "insufficient_scope")
            #expect(
                bearer["WWW-Authenticate"]
                    == "Bearer realm=\"portcullis\", error=\"insufficient_scope\", scope=\"create\""
            )
            #expect(try await front.call("GET", "/check", headers: front.session(other)).status == 204)
        }
    }

    /// RFC 7009 2.2.1: while the store is away the token must be taken to exist.
    @Test func rfc7009SaysWhenItCannotBeDone() async throws {
        try await withFront(adjustGateway: { $0.isStrict = true }) { front in
            let token = try await front.token()
            front.redis.stop()
            for path in ["/oauth2/revoke", "/oauth2/introspect"] {
                let answer = try await Self.post(front, path, "token=\(token)", front.service(front.appKey))
                #expect(answer.status == 503 && answer["Retry-After"] == "1", "\(answer)")
                #expect(try Self.error(answer) == "temporarily_unavailable")
            }
        }
    }

    /// RFC 6750 3: the challenge says what was wrong with the token, and nothing where there was none.
    @Test func rfc6750Challenges() async throws {
        try await withFront { front in
            let token = try await front.token()
            let table: [([(String, String)], Int, String)] = [
                ([], 401, #"Bearer realm="portcullis""#),
                (front.service("x"), 401, #"Bearer realm="portcullis", error="invalid_token""#),
                (
                    front.service(token) + front.session(token), 400,
                    #"Bearer realm="portcullis", error="invalid_request""#
                ),
            ]
            for path in ["/check", "/api/auth/session"] {
                for (headers, status, challenge) in table {
                    for isHot in [true, false] {
                        let answer = try await front.call("GET", path, headers: headers, isHot: isHot)
                        #expect(answer.status == status, "\(answer)")
                        #expect(answer["WWW-Authenticate"] == challenge)
                    }
                }
            }
        }
    }
}
