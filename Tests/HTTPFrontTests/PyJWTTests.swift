import Foundation
import HTTPFront
import SessionCore
import SessionGateway
import SessionJWT
import TestSupport
import Testing

/// Another implementation reads our JWTs, and makes bad ones: PyJWT, of the Debian package `python3-jwt`.
@Suite struct PyJWTTests {
    /// Reads `{"jwt", "secret", "token"}`, verifies the JWT as a service would, and makes variants of it, each with
    /// whether it is to be accepted.
    private static let script = #"""
        import base64, hashlib, hmac, json, sys, time
        import jwt

        order = json.load(sys.stdin)
        secret = bytes.fromhex(order["secret"])
        claims = jwt.decode(order["jwt"], secret, algorithms=["HS256"], audience="shop",
                            issuer="https://gate.example", leeway=5,
                            options={"require": ["exp", "iat", "nbf", "aud", "iss", "sub", "jti"]})
        header = jwt.get_unverified_header(order["jwt"])

        def b64(data):
            return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

        def sign(header, claims, algorithm=hashlib.sha256, key=secret):
            text = b64(json.dumps(header, sort_keys=True, separators=(",", ":")).encode()) + "." + b64(
                claims if isinstance(claims, bytes) else json.dumps(claims).encode())
            return text + "." + b64(hmac.new(key, text.encode(), algorithm).digest())

        def pyjwt(changes, headers={}, algorithm="HS256", key=secret):
            plain = {k: v for k, v in {**header, **headers}.items() if k != "alg"}
            return jwt.encode({**claims, **changes}, key, algorithm=algorithm, headers=plain)

        now = int(time.time())
        plain = {"alg": "HS256", "kid": header["kid"], "typ": header["typ"]}
        good = sign(plain, claims)
        variants = {
            # The one that shows that the others are refused for what is said of them.
            "the same claims, written by another program": (good, True),
            "claims in another order, with one more": (sign(plain, dict(sorted(claims.items()), extra=1)), True),
            # ASVS 9.1.2, RFC 8725 3.1: the algorithm is ours to choose.
            "alg none": (b64(b'{"alg":"none","typ":"at+jwt"}') + "." + order["jwt"].split(".")[1] + ".", False),
            "alg none, with a kid": (pyjwt({}, algorithm="none", key=None), False),
            "alg None with our signature": (sign({**plain, "alg": "None"}, claims), False),
            "HS384": (pyjwt({}, algorithm="HS384"), False),
            "HS512": (pyjwt({}, algorithm="HS512"), False),
            "HS512 that says HS256": (sign(plain, claims, algorithm=hashlib.sha512), False),
            "no alg": (sign({"kid": header["kid"], "typ": "at+jwt"}, claims), False),
            # ASVS 9.1.3: keys do not come along with what they sign.
            "jwk": (sign({**plain, "jwk": {"kty": "oct", "k": b64(b"x" * 32)}}, claims, key=b"x" * 32), False),
            "jwk with our key": (sign({**plain, "jwk": {"kty": "oct", "k": b64(secret)}}, claims), False),
            "jku": (sign({**plain, "jku": "http://127.0.0.1/keys"}, claims), False),
            "x5u": (sign({**plain, "x5u": "http://127.0.0.1/cert"}, claims), False),
            "x5c": (sign({**plain, "x5c": ["AAAA"]}, claims), False),
            "crit": (sign({**plain, "crit": ["exp"]}, claims), False),
            "kid unknown": (sign({**plain, "kid": "9"}, claims), False),
            "kid as a path": (sign({**plain, "kid": "../../dev/null"}, claims, key=b""), False),
            "kid as a number": (sign({**plain, "kid": 1}, claims), False),
            "no kid": (sign({"alg": "HS256", "typ": "at+jwt"}, claims), False),
            # RFC 8725 3.11: explicit types.
            "typ JWT": (sign({**plain, "typ": "JWT"}, claims), False),
            "no typ": (sign({"alg": "HS256", "kid": header["kid"]}, claims), False),
            # ASVS 9.2.1 to 9.2.3.
            "another aud": (sign(plain, {**claims, "aud": "other"}), False),
            "aud as a list": (sign(plain, {**claims, "aud": ["shop"]}), False),
            "another iss": (sign(plain, {**claims, "iss": "https://evil.example"}), False),
            "exp past": (sign(plain, {**claims, "exp": now - 10}), False),
            "exp later": (sign(plain, {**claims, "exp": claims["exp"] + 3600}), False),
            "exp as a text": (sign(plain, {**claims, "exp": str(claims["exp"])}), False),
            "nbf ahead": (sign(plain, {**claims, "nbf": now + 600}), False),
            "another sub": (sign(plain, {**claims, "sub": "mallory"}), False),
            "another sid": (sign(plain, {**claims, "sid": "0001000000000000000a"}), False),
            "another jti": (sign(plain, {**claims, "jti": claims["jti"][:-1] + ("A" if claims["jti"][-1] != "A" else "Q")}), False),
            "the opaque token as jti": (sign(plain, {**claims, "jti": order["token"]}), False),
            "more roles": (sign(plain, {**claims, "roles": ["portcullis:admin"]}), False),
            "another key": (sign(plain, claims, key=b"k" * 32), False),
            "an empty key": (sign(plain, claims, key=b""), False),
            "not an object": (sign(plain, b"[]"), False),
            "not JSON": (sign(plain, b"{"), False),
        }
        for name in ["exp", "nbf", "iat", "iss", "aud", "sub", "sid", "jti"]:
            variants["no " + name] = (sign(plain, {k: v for k, v in claims.items() if k != name}), False)
        json.dump({"claims": claims, "header": header, "variants": [
            {"name": n, "jwt": t, "good": g} for n, (t, g) in variants.items()]}, sys.stdout)
        """#

    private struct Answer: Decodable {
        struct Header: Decodable {
            var alg: String
            var typ: String
            var kid: String
        }
        struct Claims: Decodable {
            var sub: String
            var sid: String
            var client_id: String
            var exp: Int
            var iat: Int
            var nbf: Int
            var auth_time: Int
            var amr: [String]
        }
        struct Variant: Decodable {
            var name: String
            var jwt: String
            var good: Bool
        }
        var header: Header
        var claims: Claims
        var variants: [Variant]
    }

    private static func python(_ input: [String: String]) async throws -> Answer {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", Self.script]
        let (stdin, stdout) = (Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        try process.run()
        stdin.fileHandleForWriting.write(try JSONEncoder().encode(input))
        try stdin.fileHandleForWriting.close()
        let output = stdout.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try JSONDecoder().decode(Answer.self, from: output)
    }

    @Test func asvs9AnotherImplementationReadsOursAndItsBadOnesAreRefused() async throws {
        let issuer = try await JWTTests.issuer()
        try await withFront(adjustFront: { $0.jwt = issuer }) { front in
            var new = NewSession(user: try UserID("ünal"))
            new.factors = ["password"]
            new.roles = ["editor"]
            let created = try await front.gateway.create(new)
            let now = try #require(front.gateway.now)
            let jwt = try await issuer.mint(created.session, now: now, client: "shop-app").text
            let answer = try await Self.python([
                "jwt": jwt, "secret": String(repeating: "07", count: 32), "token": created.token.text,
            ])
            #expect(answer.header.alg == "HS256" && answer.header.typ == "at+jwt" && answer.header.kid == "1")
            let claims = answer.claims
            #expect(claims.sub == "ünal" && claims.sid == created.session.id.description)
            #expect(claims.client_id == "shop-app" && claims.amr == ["password"])
            #expect(claims.exp == claims.iat + 3600 && claims.auth_time <= claims.iat)
            #expect(answer.variants.count > 40)
            for variant in answer.variants {
                // The route: the hot path refuses these as it refuses everything that is no opaque token.
                let check = try await front.call(
                    "GET",
                    "/check",
                    headers: front.service(variant.jwt),
                    isHot: false
                )
                #expect(check.status == (variant.good ? 204 : 401), "\(variant.name): \(check)")
                if variant.good { #expect(check["X-Session-Roles"] == "editor") }
                let introspection = try await front.call(
                    "POST",
                    "/oauth2/introspect",
                    headers: front.service(front.checkKey)
                        + [("Content-Type", "application/x-www-form-urlencoded")],
                    body: "token=\(variant.jwt)"
                )
                #expect((introspection.body == #"{"active":false}"#) == !variant.good, "\(variant.name)")
            }
            #expect(await front.gateway.check(created.token.text).isGood, "nothing of this ended the session")
        }
    }
}

extension CheckResult {
    fileprivate var isGood: Bool { if case .active = self.kind { true } else { false } }
}
