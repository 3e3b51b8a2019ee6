import Notifications
import SessionCore
import SessionGateway
import Testing

@Suite struct DeliveryTests {
    private static let policy = RetryPolicy(giveUpAfter: .seconds(3600))
    private static let start = Timestamp(milliseconds: 1_763_731_200_120)
    private static let position = AuditPosition(milliseconds: 1_763_731_200_123, sequence: 4)

    @Test func pausesDoubleFromASecondToAnHour() {
        let pauses = (1...20).map { RetryPolicy.pause(after: $0, jitter: 1) }
        #expect(pauses.prefix(5) == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16)])
        #expect(pauses[11] == .seconds(2048) && pauses.suffix(8).allSatisfy { $0 == .seconds(3600) })
        for attempts in [0, 1, 7, 64, .max] {
            let least = RetryPolicy.pause(after: attempts, jitter: 0)
            #expect(least * 2 == RetryPolicy.pause(after: attempts, jitter: 1) && least >= .milliseconds(500))
        }
    }

    @Test func whatFailsIsTriedAgainAndGivenUpInTheEnd() {
        var state = WebhookState(position: .start)
        func record(_ outcome: DeliveryOutcome, after: Duration, kind: String = "revoked") -> DeliveryDecision
        {
            state.record(
                outcome,
                of: Fixtures.entry(kind: kind),
                at: Self.position,
                now: Self.start + after,
                policy: Self.policy,
                jitter: 1
            )
        }
        #expect(record(.failed("status 500"), after: .seconds(1)) == .retry(after: .seconds(1)))
        #expect(record(.failed("status 502"), after: .seconds(3)) == .retry(after: .seconds(2)))
        #expect(state.position == .start && state.attempts == 2 && state.failures == 2)
        #expect(state.failingSince == Self.start + .seconds(1) && state.lastError == "status 502")
        #expect(!Self.policy.isHopeless(Fixtures.entry(), state, now: Self.start + .seconds(3600)))
        #expect(record(.failed("status 500"), after: .seconds(3601)) == .giveUp)
        #expect(state.position == Self.position && state.givenUp == 1)
        // Those that have grown as old meanwhile are not waited for one by one.
        #expect(Self.policy.isHopeless(Fixtures.entry(), state, now: Self.start + .seconds(3601)))
        #expect(record(.delivered, after: .seconds(3605)) == .proceed)
        #expect(state.attempts == 0 && state.failingSince == nil && state.delivered == 1)
        // However old: as long as the receiver answers, it gets everything.
        #expect(!Self.policy.isHopeless(Fixtures.entry(), state, now: Self.start + .seconds(1_000_000)))
        #expect(record(.refused("status 400"), after: .seconds(3606)) == .proceed)
        #expect(state.refused == 1 && state.attempts == 0 && state.lastError == "status 400")
    }

    @Test(arguments: [
        (WebhookReceiver.Format.json, 200, "", DeliveryOutcome.delivered), (.json, 204, "", .delivered),
        (.json, 400, #"{"error":"x"}"#, .failed("status 400")), (.json, 410, "", .failed("status 410")),
        (.json, 302, "", .failed("status 302: redirects are not followed")),
        (.json, 503, "", .failed("status 503")),
        (.backchannelLogout, 200, "", .delivered), (.backchannelLogout, 204, "", .delivered),
        (.backchannelLogout, 400, #"{"error":"invalid_request"}"#, .refused("status 400: invalid_request")),
        (.backchannelLogout, 400, "<html>", .refused("status 400")),
        (.backchannelLogout, 500, "", .failed("status 500")),
        (.caep, 202, "", .delivered),
        (
            .caep, 400, #"{"err":"invalid_request","description":"no"}"#,
            .refused("status 400: invalid_request")
        ),
        (.caep, 400, #"{"err":"invalid_key"}"#, .failed("status 400: invalid_key")),
        (.caep, 400, #"{"err":"authentication_failed","n":1}"#, .failed("status 400: authentication_failed")),
        // What is no code is not repeated in logs and lists.
        (.caep, 400, #"{"err":"Sécret <b>"}"#, .failed("status 400")),
        (.caep, 400, #"{"err":["x"]}"#, .failed("status 400")), (.caep, 400, "[", .failed("status 400")),
    ])
    func whatAnswersMean(
        format: WebhookReceiver.Format,
        status: Int,
        body: String,
        outcome: DeliveryOutcome
    ) {
        #expect(DeliveryOutcome(format, status: status, body: Array(body.utf8)) == outcome)
    }
}

@Suite struct ReceiverTests {
    private func problem(_ make: () throws -> WebhookReceiver) -> String? {
        do {
            _ = try make()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        "http://shop.example/", "http://10.0.0.1/", "http://127.0.0.1.example/", "ftp://shop.example/",
        "https://", "shop.example", "https://user:word@shop.example/", "https://user@shop.example/",
        "https://shop.example/#part", "https://shop.example/ x", "https://shöp.example/", "http://[::2]/",
        "https://shop.example:99999/", "",
    ])
    func urlsThatAreRefused(url: String) {
        #expect(self.problem { try Fixtures.receiver(url: url) }?.hasPrefix("url: must") == true, "\(url)")
    }

    @Test func originsAreAllThatIsShown() throws {
        #expect(try Fixtures.receiver().origin == "https://shop.example")
        for (url, origin) in [
            ("http://127.0.0.1:8080/x?y=z", "http://127.0.0.1:8080"), ("http://[::1]:9/", "http://[::1]:9"),
            ("http://localhost/a", "http://localhost"),
            ("https://hooks.example:8443", "https://hooks.example:8443"),
        ] {
            #expect(try Fixtures.receiver(url: url).origin == origin)
        }
    }

    @Test func secretsNeed32Bytes() throws {
        let short = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        for secret in [
            "", "short", String(repeating: "x", count: 31), short, "whsec_not base64 at all, is it?????",
        ] {
            let problem = self.problem { try Fixtures.receiver(secret: secret) }
            #expect(problem?.hasPrefix("secret: ") == true)
            #expect(secret.isEmpty || problem?.contains(secret) == false)
        }
        _ = try Fixtures.receiver(secret: String(repeating: "x", count: 32))
        _ = try Fixtures.receiver(secret: "whsec_" + String(repeating: "QUJD", count: 11))
    }

    @Test func formatsHaveTheirFields() throws {
        #expect(
            self.problem { try Fixtures.receiver(kinds: ["revokd"]) }?.contains("'revokd' is none") == true
        )
        #expect(self.problem { try Fixtures.receiver(.caep, kinds: ["created"]) }?.hasPrefix("kinds") == true)
        #expect(
            self.problem {
                try WebhookReceiver(
                    name: "a",
                    url: "https://a.example",
                    secret: Fixtures.secret,
                    format: .caep
                )
            } == "audience: is needed for the format caep"
        )
        #expect(
            self.problem {
                try WebhookReceiver(
                    name: "a",
                    url: "https://a.example",
                    secret: Fixtures.secret,
                    format: .backchannelLogout
                )
            } == "client_id: is needed for the format backchannel-logout"
        )
        for name in ["", "a b", "ä", String(repeating: "n", count: 65)] {
            #expect(
                self.problem {
                    try WebhookReceiver(name: name, url: "https://a.example", secret: Fixtures.secret)
                }?.hasPrefix("name") == true
            )
        }
        let some = try Fixtures.receiver(kinds: ["revoked"], organizations: ["acme"])
        #expect(some.wants(Fixtures.entry(organization: "acme")))
        #expect(!some.wants(Fixtures.entry(organization: "acm")) && !some.wants(Fixtures.entry()))
        #expect(!some.wants(Fixtures.entry(kind: "created", organization: "acme")))
        #expect(some.wants(Fixtures.entry(kind: "gap", session: nil)))
    }

    /// Anybody can cause as many as they like, and each would put off what comes after it.
    @Test func refusedAttemptsAreToldToWhoAsksForThem() throws {
        let all = try Fixtures.receiver()
        let kinds = EventKind.allCases.map(\.rawValue) + ["of-a-later-version"]
        for kind in kinds {
            let isForAll = !["refused", "refusals-dropped"].contains(kind)
            #expect(all.wants(Fixtures.entry(kind: kind)) == isForAll, "\(kind)")
        }
        let guardian = try Fixtures.receiver(kinds: ["refused", "refusals-dropped"])
        for kind in ["refused", "refusals-dropped"] { #expect(guardian.wants(Fixtures.entry(kind: kind))) }
        #expect(!guardian.wants(Fixtures.entry()))
    }
}
