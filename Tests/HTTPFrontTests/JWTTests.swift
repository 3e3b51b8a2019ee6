import Foundation
import GatewayAPI
import HTTPFront
import SessionCore
import SessionGateway
import SessionJWT
import TestSupport
import Testing

/// JWT mode (docs/features.md S8; RFC 7519, RFC 8725, RFC 9068; ASVS 9.1 and 9.2).
@Suite struct JWTTests {
    static let secret = [UInt8](repeating: 7, count: 32)
    static let tokenKeys = try? TokenKeyRing(
        signing: TokenKeyRing.Key(id: 1, secret: [UInt8](repeating: 9, count: 32))
    )

    static func issuer(
        id: String = "1",
        secret: [UInt8] = Self.secret,
        accepted: [JWTConfiguration.Key] = [],
        tokenKeys: TokenKeyRing? = Self.tokenKeys
    ) async throws -> JWTIssuer {
        var configuration = JWTConfiguration(
            signing: try JWTConfiguration.Key(id: id, secret: secret),
            accepted: accepted
        )
        configuration.claims.issuer = "https://gate.example"
        configuration.claims.audience = "shop"
        return await JWTIssuer(configuration, tokenKeys: try #require(tokenKeys))
    }

    private static func mint(_ front: FrontFixture, _ token: String) async throws -> String {
        let headers = front.session(token) + [("Sec-Fetch-Site", "same-origin")]
        let answer = try await front.call("POST", "/api/auth/session/jwt", headers: headers)
        #expect(answer.status == 200 && answer["Cache-Control"] == "no-store", "\(answer)")
        return try SessionRouteTests.decode(JWTJSON.self, answer).token
    }

    /// By the route: the hot path knows opaque tokens only.
    private static func check(_ front: FrontFixture, _ jwt: String) async throws -> RawResponse {
        try await front.call("GET", "/check", headers: front.service(jwt), isHot: false)
    }

    @Test func aJWTIsAsGoodAsItsSession() async throws {
        let issuer = try await Self.issuer()
        try await withFront(adjustFront: { $0.jwt = issuer }) { front in
            var new = NewSession(user: try UserID("ünal"))
            new.roles = ["editor"]
            new.factors = ["password"]
            let created = try await front.gateway.create(new)
            let jwt = try await Self.mint(front, created.token.text)
            #expect(!jwt.contains(created.token.text) && jwt.utf8.count < 1024)
            let good = try await Self.check(front, jwt)
            #expect(good.status == 204 && good["X-Session-Id"] == created.session.id.description)
            #expect(good["X-Session-Roles"] == "editor")
            #expect(
                try await front.call("GET", "/check?factor=password", headers: front.service(jwt)).status
                    == 204
            )
            #expect(
                try await front.call("GET", "/check?factor=otp", headers: front.service(jwt)).status == 403
            )
            let json = "{\"tokens\":[\"\(jwt)\",\"\(created.token.text)\"]}"
            let many = try await front.call(
                "POST",
                "/api/sessions/check",
                headers: front.service(front.checkKey),
                json: json
            )
            #expect(many.status == 200 && !many.body.contains("\"active\":false"))
            let form = [("Content-Type", "application/x-www-form-urlencoded")] + front.service(front.appKey)
            let answer = try await front.call(
                "POST",
                "/oauth2/introspect",
                headers: form,
                body: "token=\(jwt)"
            )
            let said = try SessionRouteTests.decode(IntrospectionJSON.self, answer)
            #expect(said.sub == "ünal" && said.iss == "https://gate.example" && said.aud == "shop")
            #expect(said.exp == said.iat + 3600 && said.nbf == said.iat - 1 && said.jti?.utf8.count == 39)
            #expect(said.clientID == "self")
            // Only by Authorization, and only for checks.
            #expect(try await front.call("GET", "/check?x", headers: front.session(jwt)).status == 401)
            #expect(
                try await front.call("GET", "/api/auth/session", headers: front.service(jwt)).status == 401
            )
            #expect(
                try await front.call("POST", "/api/auth/session/jwt", headers: front.service(jwt)).status
                    == 401
            )
            // A rotation of the opaque token leaves it good, and does not look like theft.
            let next = try await front.gateway.rotate(created.token.text).token.text
            #expect(try await Self.check(front, jwt).status == 204)
            #expect(try await front.call("GET", "/check", headers: front.session(next)).status == 204)
            // Its revocation ends the session.
            let revoked = try await front.call("POST", "/oauth2/revoke", headers: form, body: "token=\(jwt)")
            #expect(revoked.status == 200 && revoked.body.isEmpty)
            let ended = try await Self.check(front, jwt)
            #expect(ended.status == 401 && ended.body.contains("Session expired"))
            #expect(try await front.call("GET", "/check", headers: front.session(next)).status == 401)
            let inactive = try await front.call(
                "POST",
                "/oauth2/introspect",
                headers: form,
                body: "token=\(jwt)"
            )
            #expect(inactive.body == #"{"active":false}"#)
        }
    }

    @Test func asvs741EveryWayOfEndingEndsJWTs() async throws {
        let issuer = try await Self.issuer()
        try await withFront(adjustFront: { $0.jwt = issuer }) { front in
            let user = try UserID("alice")
            let endings: [(String) async throws -> Void] = [
                { _ = try await front.gateway.end(try #require(Token($0)?.sessionID), Ending(.loggedOut)) },
                { _ in _ = try await front.gateway.endAll(of: user, Ending(.revoked)) },
                { _ in _ = try await front.gateway.endEveryone(Ending(.revoked)) },
            ]
            for end in endings {
                let token = try await front.token("alice")
                let jwt = try await Self.mint(front, token)
                #expect(try await Self.check(front, jwt).status == 204)
                try await end(token)
                #expect(try await Self.check(front, jwt).status == 401)
            }
        }
    }

    /// What is none of ours costs Redis nothing, so it is told apart while Redis is away.
    @Test func anOutageIs503ForGenuineJWTsOnly() async throws {
        let issuer = try await Self.issuer()
        let stranger = try await Self.issuer(secret: [UInt8](repeating: 1, count: 32))
        try await withFront(adjustFront: { $0.jwt = issuer }) { front in
            let session = try await front.gateway.create(NewSession(user: try UserID("a"))).session
            let now = try #require(front.gateway.now)
            let good = try await issuer.mint(session, now: now, client: "x").text
            let forged = try await stranger.mint(session, now: now, client: "x").text
            let past = Timestamp(milliseconds: now.milliseconds - 7_200_000)
            let expired = try await issuer.mint(session, now: past, client: "x").text
            let refused = front.gateway.nodeStatistics.refused
            front.redis.stop()
            #expect(try await Self.check(front, good).status == 503)
            let forgery = try await Self.check(front, forged)
            #expect(forgery.status == 401 && forgery.body.contains("Invalid session"))
            let late = try await Self.check(front, expired)
            #expect(late.status == 401 && late.body.contains("Session expired"))
            let after = front.gateway.nodeStatistics.refused
            for refusal in [Refusal.forged, .expired] {
                #expect(after[refusal, default: 0] == refused[refusal, default: 0] + 1)
            }
        }
    }

    @Test func servicesGetJWTs() async throws {
        let issuer = try await Self.issuer()
        try await withFront(adjustFront: { $0.jwt = issuer }) { front in
            let app = front.service(front.appKey)
            func create(_ json: String) async throws -> RawResponse {
                try await front.call("POST", "/api/sessions", headers: app, json: json)
            }
            let made = try await create(#"{"userId":"alice","format":"jwt"}"#)
            let created = try SessionRouteTests.decode(CreatedSessionJSON.self, made)
            #expect(made.status == 201 && created.token.utf8.count > 64 && created.tokenExpiresAt != nil)
            #expect(try await Self.check(front, created.token)["X-Session-User"] == "alice")
            let path = "/api/sessions/\(created.session.id)/jwt"
            let again = try await front.call("POST", path, headers: app)
            let fresh = try SessionRouteTests.decode(JWTJSON.self, again).token
            #expect(fresh != created.token)
            #expect(try await Self.check(front, fresh).status == 204)
            #expect(try await front.call("POST", path, headers: front.service(front.checkKey)).status == 403)
            // It came along with a login that is refused: nothing happens.
            let refused = try await create(
                "{\"userId\":\"bob\",\"roles\":[\"a,b\"],\"presentedToken\":\"\(fresh)\"}"
            )
            #expect(refused.status == 422)
            #expect(try await Self.check(front, fresh).status == 204)
            // With one that succeeds its session ends (no fixation).
            let other = try await create("{\"userId\":\"bob\",\"presentedToken\":\"\(fresh)\"}")
            let answer = try SessionRouteTests.decode(CreatedSessionJSON.self, other)
            #expect(answer.replaced == created.session.id && answer.receipt?.ended == 1)
            #expect(try await Self.check(front, fresh).status == 401)
            #expect(try await front.call("POST", path, headers: app).status == 404)
            #expect(try await create(#"{"userId":"a","format":"xml"}"#).status == 422)
        }
        try await withFront { front in
            let app = front.service(front.appKey)
            let json = #"{"userId":"a","format":"jwt"}"#
            #expect(try await front.call("POST", "/api/sessions", headers: app, json: json).status == 422)
            let token = try await front.token()
            let off = try await front.call("POST", "/api/auth/session/jwt", headers: front.service(token))
            #expect(off.status == 404 && off.body.contains("jwt_disabled"))
        }
    }

    /// ASVS 9.2.1: not before its time, not after it.
    @Test func asvs921TimesAreKept() async throws {
        let issuer = try await Self.issuer()
        let session = LiveSession(
            id: SessionID(partition: Partition(of: try UserID("a")), value: 1),
            user: try UserID("a"),
            organization: nil,
            roles: [],
            factors: [],
            createdAt: Timestamp(milliseconds: 0),
            authenticatedAt: Timestamp(milliseconds: 0),
            absoluteDeadline: Timestamp(milliseconds: 2_000_000),
            idleTimeout: .seconds(60),
            epoch: 0,
            isRemembered: false
        )
        func verdict(_ jwt: MintedJWT, _ seconds: Int64) async -> String {
            switch await issuer.verify(jwt.text, now: Timestamp(milliseconds: seconds * 1000)) {
            case .good: "good"
            case .expired: "expired"
            case .refused: "refused"
            }
        }
        // The session's deadline comes before the JWT's hour is over.
        let jwt = try await issuer.mint(session, now: Timestamp(milliseconds: 1_000_400), client: "x")
        #expect(jwt.expiresAt == 2000)
        for (seconds, expected) in [
            (998, "refused"), (999, "good"), (1000, "good"), (1999, "good"), (2000, "expired"),
            (9999, "expired"),
        ] {
            #expect(await verdict(jwt, Int64(seconds)) == expected, "\(seconds)")
        }
        // ASVS 9.1.1: every changed character of the signature, and of the rest, spoils it.
        let characters = Array(jwt.text)
        for position in stride(from: characters.count - 1, through: 0, by: -7) {
            var changed = characters
            changed[position] = changed[position] == "A" ? "B" : "A"
            let verdict = await issuer.verify(String(changed), now: Timestamp(milliseconds: 1_000_000))
            #expect(verdict == .refused, "\(position)")
        }
        for text in [
            jwt.text + "=", jwt.text + ".", " " + jwt.text, String(jwt.text.dropLast()), "..", "a.b.c", "",
        ] {
            #expect(await issuer.verify(text, now: Timestamp(milliseconds: 1_000_000)) == .refused)
        }
    }

    /// Changing the secret with and without grace (docs/features.md S9): of JWTs, and of the opaque tokens.
    @Test func keysChangeGracefullyOrHard() async throws {
        let new = [UInt8](repeating: 6, count: 32)
        let old = try await Self.issuer()
        let both = try await Self.issuer(
            id: "2",
            secret: new,
            accepted: [try JWTConfiguration.Key(id: "1", secret: Self.secret)]
        )
        let hard = try await Self.issuer(id: "2", secret: new)
        let sameID = try await Self.issuer(id: "1", secret: new)
        try await withFront { front in
            let session = try await front.gateway.create(NewSession(user: try UserID("a"))).session
            let now = try #require(front.gateway.now)
            let jwt = try await old.mint(session, now: now, client: "x").text
            for (issuer, isGood) in [(old, true), (both, true), (hard, false), (sameID, false)] {
                let verdict = await issuer.verify(jwt, now: now)
                #expect((verdict != .refused) == isGood)
            }
            let next = try await both.mint(session, now: now, client: "x").text
            #expect(await hard.verify(next, now: now) != .refused)
            #expect(await old.verify(next, now: now) == .refused)
            // Another token secret ends JWTs too: `jti` no longer fits.
            let otherTokens = TokenKeyRing(
                signing: try TokenKeyRing.Key(id: 1, secret: [UInt8](repeating: 5, count: 32))
            )
            let other = try await Self.issuer(tokenKeys: otherTokens)
            #expect(await other.verify(jwt, now: now) == .refused)
        }
        #expect(throws: InputError.self) { try JWTConfiguration.Key(id: "1", secret: [1, 2, 3]) }
        #expect(throws: InputError.self) { try JWTConfiguration.Key(id: "a\"b", secret: Self.secret) }
    }
}
