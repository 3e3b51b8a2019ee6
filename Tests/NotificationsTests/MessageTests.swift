import Foundation
import Notifications
import SessionCore
import Testing

@Suite struct MessageTests {
    private static let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970) * 1000)

    private func message(_ format: WebhookReceiver.Format, _ entry: AuditEntry) async throws
        -> WebhookMessage?
    {
        try await MessageWriter(Fixtures.receiver(format)).message(entry, now: Self.now)
    }

    /// The test vector of the Standard Webhooks libraries.
    @Test func standardWebhooksSignature() {
        let secret = Array(Data(base64Encoded: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") ?? Data())
        let signature = WebhookSignature.text(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: 1_614_265_330,
            body: Array(#"{"test": 2432232314}"#.utf8),
            secret: secret
        )
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    /// Python's own HMAC agrees, over the headers and the body as they are sent.
    @Test func jsonIsSigned() async throws {
        let entry = Fixtures.entry(organization: "acme", reason: "line\nbreak \u{0} and \"quotes\"")
        let message = try #require(try await self.message(.json, entry))
        let headers = Dictionary(uniqueKeysWithValues: message.headers.map { ($0.name, $0.value) })
        #expect(headers["Content-Type"] == "application/json")
        #expect(headers["webhook-id"] == Fixtures.position)
        let timestamp = try #require(headers["webhook-timestamp"])
        #expect(timestamp == "\(Self.now.milliseconds / 1000)")
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(message.body)) as? [String: Any]
        )
        #expect(object["id"] as? String == Fixtures.position && object["kind"] as? String == "revoked")
        #expect(object["userId"] as? String == "ünal" && object["organization"] as? String == "acme")
        #expect(object["sessionId"] as? String == "00ff0123456789abcdef")
        #expect(object["reason"] as? String == entry.reason && object["actor"] as? String == "root")
        #expect(
            object["at"] as? String == "2025-11-21T13:20:00.120Z" && object["from"] as? String == "192.0.2.1"
        )
        let script = """
            import base64, hashlib, hmac, sys
            body = sys.stdin.buffer.read()
            text = sys.argv[1].encode() + b"." + sys.argv[2].encode() + b"." + body
            code = hmac.new(sys.argv[3].encode(), text, hashlib.sha256).digest()
            print("v1," + base64.b64encode(code).decode(), end="")
            """
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", script, Fixtures.position, timestamp, Fixtures.secret]
        let (stdin, stdout) = (Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        try process.run()
        stdin.fileHandleForWriting.write(Data(message.body))
        try stdin.fileHandleForWriting.close()
        let expected = String(decoding: stdout.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(headers["webhook-signature"] == expected)
    }

    @Test func gapsAreToldInJSONOnly() async throws {
        let position = try #require(AuditPosition("5-1"))
        let message = try #require(
            await MessageWriter(Fixtures.receiver()).message(gapAfter: position, now: Self.now)
        )
        #expect(String(decoding: message.body, as: UTF8.self) == #"{"after":"5-1","kind":"gap"}"#)
        #expect(message.headers.contains { $0.name == "webhook-id" && $0.value == "gap-5-1" })
        #expect(
            await MessageWriter(try Fixtures.receiver(.caep)).message(gapAfter: position, now: Self.now)
                == nil
        )
    }

    /// OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.5.
    @Test func logoutTokensAreAsTheStandardSays() async throws {
        let message = try #require(try await self.message(.backchannelLogout, Fixtures.entry()))
        #expect(message.headers.map(\.value) == ["application/x-www-form-urlencoded"])
        let body = String(decoding: message.body, as: UTF8.self)
        #expect(body.hasPrefix("logout_token="))
        let token = String(body.dropFirst("logout_token=".count))
        #expect(token.utf8.allSatisfy { !"%+&= ".utf8.contains($0) })
        let (header, claims) = try Fixtures.pyjwt(token, secret: Fixtures.secret)
        #expect(header["typ"] as? String == "logout+jwt" && header["alg"] as? String == "HS256")
        #expect(Set(claims.keys) == ["iss", "sub", "aud", "iat", "exp", "jti", "sid", "events"])
        #expect(claims["sub"] as? String == "ünal" && claims["sid"] as? String == "00ff0123456789abcdef")
        let events = try #require(claims["events"] as? [String: [String: Any]])
        #expect(events.keys.map { $0 } == ["http://schemas.openid.net/event/backchannel-logout"])
        #expect(events.values.first?.isEmpty == true)
        let iat = try #require(claims["iat"] as? Int)
        let exp = try #require(claims["exp"] as? Int)
        #expect(exp > iat && exp - iat <= 120)
        // Another attempt is another token.
        let again = try #require(try await self.message(.backchannelLogout, Fixtures.entry()))
        #expect(again.body != message.body)
    }

    /// RFC 8417 2, RFC 8935 2.1, CAEP 1.0 3.1.
    @Test func securityEventTokensAreAsTheStandardsSay() async throws {
        let entry = Fixtures.entry(organization: "acme", reason: "lost laptop")
        let message = try #require(try await self.message(.caep, entry))
        #expect(message.headers.map(\.value) == ["application/secevent+jwt", "application/json"])
        #expect(message.headers.map(\.name) == ["Content-Type", "Accept"])
        let token = String(decoding: message.body, as: UTF8.self)
        let (header, claims) = try Fixtures.pyjwt(token, secret: Fixtures.secret)
        #expect(header["typ"] as? String == "secevent+jwt" && header["alg"] as? String == "HS256")
        // Neither `sub` nor `exp`: RFC 8417 2.2.
        #expect(Set(claims.keys) == ["iss", "aud", "iat", "jti", "sub_id", "events"])
        #expect(claims["jti"] as? String == Fixtures.position)
        let subject = try #require(claims["sub_id"] as? [String: Any])
        #expect(subject["format"] as? String == "complex")
        for (member, id) in [("user", "ünal"), ("session", "00ff0123456789abcdef"), ("tenant", "acme")] {
            #expect((subject[member] as? [String: String]) == ["format": "opaque", "id": id])
        }
        let events = try #require(claims["events"] as? [String: [String: Any]])
        let event = try #require(
            events["https://schemas.openid.net/secevent/caep/event-type/session-revoked"]
        )
        #expect(events.count == 1 && event["event_timestamp"] as? Int == 1_763_731_200)
        #expect(event["initiating_entity"] as? String == "admin")
        #expect(event["reason_admin"] as? [String: String] == ["en": "revoked: lost laptop"])
        #expect(try await self.message(.caep, entry) == message, "a repetition is the same token")
    }

    @Test(arguments: [
        ("revoked", "root", "admin"), ("revoked", "ünal", "user"), ("logged-out", "ünal", "user"),
        ("revoked", "key:shop", "system"), ("revoked", "", "system"), ("expired-idle", "", "policy"),
        ("expired-absolute", "", "policy"), ("evicted", "", "policy"), ("token-reused", "", "system"),
        ("replaced", "ünal", "system"),
    ])
    func whoInitiatedIt(kind: String, actor: String, initiator: String) async throws {
        let message = try #require(try await self.message(.caep, Fixtures.entry(kind: kind, actor: actor)))
        let parts = String(decoding: message.body, as: UTF8.self).split(separator: ".")
        var base64 = String(try #require(parts.dropFirst().first)).replacing("-", with: "+").replacing(
            "_",
            with: "/"
        )
        while base64.utf8.count % 4 != 0 { base64 += "=" }
        let text = String(decoding: Data(base64Encoded: base64) ?? Data(), as: UTF8.self)
        #expect(text.contains(#""initiating_entity":"\#(initiator)""#))
    }

    @Test func tokensAreForEndsOfSessionsOnly() async throws {
        for format in [WebhookReceiver.Format.backchannelLogout, .caep] {
            let receiver = try Fixtures.receiver(format)
            for kind in EventKind.allCases {
                let isEnd = EndKind(rawValue: kind.rawValue) != nil
                #expect(receiver.wants(Fixtures.entry(kind: kind.rawValue)) == isEnd, "\(format) \(kind)")
            }
            #expect(!receiver.wants(Fixtures.entry(session: nil)))
        }
    }
}
