import Crypto
import Foundation
import TestSupport
import Testing

extension Faults {
    /// docs/features.md E7: every receiver of webhooks gets each event at least once and in order, whatever it does and
    /// whichever nodes are killed.
    @Suite(.serialized) struct WebhookTests {
        static let secret = "0123456789abcdef0123456789abcdef"
        static let flags = ["--webhook-timeout", "1s"]

        private static func file(_ receivers: [String]) throws -> String {
            let path = "/tmp/portcullis-hooks-\(UInt64.random(in: 0 ... .max)).yaml"
            let text = receivers.map { "- {\($0), secret: \(secret)}\n" }.joined()
            guard
                FileManager.default.createFile(
                    atPath: path,
                    contents: Data(text.utf8),
                    attributes: [.posixPermissions: 0o600]
                )
            else { throw POSIXError(.EACCES) }
            return path
        }

        private struct Listed: Decodable {
            struct Webhook: Decodable {
                let name: String
                let origin: String
                let position: String?
                let delivered: Int
                let failures: Int
                let refused: Int
                let givenUp: Int
                let lastError: String?
            }
            let webhooks: [Webhook]
        }

        /// What `GET /api/admin/webhooks` says, from any node that answers.
        private static func listed(_ fleet: Fleet) async throws -> [String: Listed.Webhook] {
            for client in fleet.clients {
                guard let answer = try? await client.send(.service("GET", "/api/admin/webhooks")),
                    answer.status == 200
                else { continue }
                let list = try answer.decoded(Listed.self).webhooks
                return Dictionary(uniqueKeysWithValues: list.map { ($0.name, $0) })
            }
            return [:]
        }

        private static func wait(_ what: String, until isSo: () async throws -> Bool) async throws {
            let deadline = ContinuousClock.now + .seconds(180)
            while try await !isSo() {
                guard ContinuousClock.now < deadline else {
                    throw UnexpectedAnswer(description: "never: \(what)")
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }

        /// Every receiver has been given its place in the log.
        private static func waitForPlaces(_ fleet: Fleet, _ count: Int) async throws {
            try await wait("all receivers have a position") {
                let listed = try await listed(fleet)
                return listed.count == count && listed.values.allSatisfy { $0.position != nil }
            }
        }

        /// The ids of all events in the log.
        private static func log(_ fleet: Fleet, upTo session: String, node: Int = 0) async throws -> [String]
        {
            let stream = try EventStreamClient(
                port: fleet.nodes[node].port,
                headers: [("X-Service-Key", GatewaySecrets.serviceKey)],
                lastEventID: "0"
            )
            await stream.read(within: .seconds(60)) { $0.events.contains { $0.data.contains(session) } }
            return stream.events.map(\.id)
        }

        /// At least once, in order, and signed by whom it should be.
        private static func examine(
            _ sink: WebhookSink,
            expected: [String],
            sourceLocation: SourceLocation = #_sourceLocation
        ) {
            var first: [String] = []
            for request in sink.accepted {
                let id = request.header("webhook-id") ?? ""
                if !first.contains(id) { first.append(id) }
                let time = request.header("webhook-timestamp") ?? ""
                let code = HMAC<SHA256>.authenticationCode(
                    for: Data("\(id).\(time).".utf8) + Data(request.body),
                    using: SymmetricKey(data: Data(secret.utf8))
                )
                #expect(
                    request.header("webhook-signature") == "v1," + Data(code).base64EncodedString(),
                    sourceLocation: sourceLocation
                )
                let age = Date().timeIntervalSince1970 - (Double(time) ?? 0)
                #expect((-5...600).contains(age), "the time of sending", sourceLocation: sourceLocation)
                #expect(request.text.contains(#""id":"\#(id)""#), sourceLocation: sourceLocation)
                #expect(
                    request.method == "POST" && request.path == "/hooks?x=y",
                    sourceLocation: sourceLocation
                )
            }
            #expect(first == expected, "\(first.count) of \(expected.count)", sourceLocation: sourceLocation)
        }

        /// One receiver is well, one is down at first, one answers 500 and cuts connections now and then, one is
        /// slower than it may be, one redirects. All get everything in order, none waits for another.
        @Test(.timeLimit(.minutes(10))) func receiversInTrouble() async throws {
            let well = try await WebhookSink.start()
            let late = try WebhookSink.down()
            let ill = try await WebhookSink.start()
            let slow = try await WebhookSink.start()
            let astray = try await WebhookSink.start()
            let elsewhere = try await WebhookSink.start()
            // Longer than anybody reads.
            well.answer { _, _ in WebhookSink.Reply(200, body: String(repeating: "x", count: 1_000_000)) }
            ill.answer { _, count in WebhookSink.Reply(count % 3 == 1 ? 500 : 200, body: "x") }
            slow.answer { _, count in WebhookSink.Reply(pause: count < 2 ? .seconds(20) : .zero) }
            let target = "http://127.0.0.1:\(elsewhere.port)/hooks"
            astray.answer { _, count in
                count < 2
                    ? WebhookSink.Reply(count == 0 ? 302 : 307, headers: [("Location", target)])
                    : WebhookSink.Reply()
            }
            let sinks = ["well": well, "late": late, "ill": ill, "slow": slow, "astray": astray]
            let file = try Self.file(
                sinks.map { "name: \($0.key), url: 'http://127.0.0.1:\($0.value.port)/hooks?x=y'" }
            )
            defer { try? FileManager.default.removeItem(atPath: file) }
            let fleet = try await Fleet.start(nodes: 2, flags: Self.flags + ["--webhooks-file", file])
            try await Fleet.run(fleet) { fleet in
                try await Self.waitForPlaces(fleet, sinks.count)
                var last = ""
                for number in 0..<8 {
                    last = try await fleet.clients[number % 2].create(user: "u\(number)").session.id
                    _ = try await fleet.clients[0].send(.end(last))
                }
                last = try await fleet.clients[0].create(user: "final").session.id
                let events = try await Self.log(fleet, upTo: last)
                #expect(events.count == 17)
                try await Self.wait("the well receiver has all") { well.accepted.count >= events.count }
                #expect(late.requests.isEmpty, "nobody waited for the one that is down")
                try await Self.wait("its failure is told") {
                    try await Self.listed(fleet)["late"]?.lastError != nil
                }
                #expect(try await Self.listed(fleet)["late"]?.lastError == "cannot connect")
                try await late.listen()
                for (name, sink) in sinks {
                    try await Self.wait("\(name) has all") {
                        Set(sink.accepted.compactMap { $0.header("webhook-id") }).isSuperset(of: events)
                    }
                    Self.examine(sink, expected: events)
                }
                #expect(elsewhere.requests.isEmpty, "redirects are not followed")
                let listed = try await Self.listed(fleet)
                #expect(listed["well"]?.failures == 0 && listed["well"]?.delivered == events.count)
                #expect(listed.values.allSatisfy { $0.givenUp == 0 && $0.refused == 0 })
                #expect((listed["slow"]?.failures ?? 0) >= 1 && (listed["astray"]?.failures ?? 0) == 2)
                let text = try await fleet.clients[0].send(.service("GET", "/api/admin/webhooks")).text
                #expect(!text.contains(Self.secret) && !text.contains("/hooks"))
                for node in fleet.nodes { #expect(!node.log.contains(Self.secret)) }
            }
            for sink in [well, late, ill, slow, astray, elsewhere] { await sink.close() }
        }

        /// Nodes are killed in turn while sessions come and go, among them whichever delivers.
        @Test(.timeLimit(.minutes(20))) func deliveryGoesOnWhenNodesAreKilled() async throws {
            let sink = try await WebhookSink.start()
            let file = try Self.file(["name: shop, url: 'http://127.0.0.1:\(sink.port)/hooks?x=y'"])
            defer { try? FileManager.default.removeItem(atPath: file) }
            let fleet = try await Fleet.start(nodes: 2, flags: Self.flags + ["--webhooks-file", file])
            try await Fleet.run(fleet) { fleet in
                try await Self.waitForPlaces(fleet, 1)
                for kill in 0..<(4 * scale) {
                    let (killed, other) = (kill % 2, 1 - kill % 2)
                    let progress = Progress()
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            for number in 0..<20 {
                                _ = try? await fleet.clients[number % 2].create(user: "u\(number)")
                                if number == 10 { fleet.nodes[killed].stop() }
                            }
                            progress.finish()
                        }
                        try await group.waitForAll()
                    }
                    // What the other one has done alone arrives by the other one alone.
                    let last = try await fleet.clients[other].create(user: "last").session.id
                    try await Self.wait("delivery after kill \(kill)") {
                        sink.accepted.contains { $0.text.contains(last) }
                    }
                    try fleet.nodes[killed].start()
                    try await fleet.nodes[killed].waitUntilReady()
                }
                let last = try await fleet.clients[0].create(user: "final").session.id
                let events = try await Self.log(fleet, upTo: last)
                try await Self.wait("everything is there") {
                    sink.accepted.contains { $0.text.contains(last) }
                }
                Self.examine(sink, expected: events)
                report(
                    "webhooks: \(events.count) events, \(sink.requests.count) requests, \(4 * scale) kills"
                )
            }
            await sink.close()
        }

        /// Logout tokens and security event tokens go out for ends only; what is refused for good is not sent again;
        /// everyone's end comes as one event and then as one for each session.
        @Test(.timeLimit(.minutes(10))) func tokensForEndsOfSessions() async throws {
            let party = try await WebhookSink.start()
            let signals = try await WebhookSink.start()
            let json = try await WebhookSink.start()
            party.answer { _, count in
                count == 0
                    ? WebhookSink.Reply(400, body: #"{"error":"invalid_request"}"#) : WebhookSink.Reply(200)
            }
            signals.answer { _, count in
                switch count {
                case 0: WebhookSink.Reply(400, body: #"{"err":"invalid_key","description":"?"}"#)
                case 2: WebhookSink.Reply(400, body: #"{"err":"invalid_request","description":"?"}"#)
                default: WebhookSink.Reply(202)
                }
            }
            let file = try Self.file([
                "name: party, url: 'http://127.0.0.1:\(party.port)/logout', format: backchannel-logout, client_id: rp",
                "name: signals, url: 'http://127.0.0.1:\(signals.port)/set', format: caep, audience: rp",
                "name: json, url: 'http://127.0.0.1:\(json.port)/', kinds: [everyone-revoked]",
            ])
            defer { try? FileManager.default.removeItem(atPath: file) }
            let fleet = try await Fleet.start(nodes: 1, flags: Self.flags + ["--webhooks-file", file])
            try await Fleet.run(fleet) { fleet in
                try await Self.waitForPlaces(fleet, 3)
                let client = fleet.clients[0]
                for user in ["a", "b"] {
                    let id = try await client.create(user: user).session.id
                    _ = try await client.send(.end(id))
                }
                for user in ["c", "d"] { _ = try await client.create(user: user) }
                _ = try await client.send(.endEveryone)
                // The first of four is refused for good, and not seen again.
                try await Self.wait("all logout tokens") { party.requests.count >= 4 }
                #expect(
                    party.requests.allSatisfy { $0.text.hasPrefix("logout_token=") && $0.path == "/logout" }
                )
                #expect(
                    party.requests.allSatisfy {
                        $0.header("Content-Type") == "application/x-www-form-urlencoded"
                    }
                )
                // The first once more, because a key can be set right; the second refused for good.
                try await Self.wait("all security event tokens") { signals.requests.count >= 5 }
                let tokens = signals.requests.map(\.text)
                #expect(tokens[0] == tokens[1] && Set(tokens).count == 4)
                #expect(
                    signals.requests.allSatisfy { $0.header("Content-Type") == "application/secevent+jwt" }
                )
                try await Self.wait("the news of everyone") { json.requests.count >= 1 }
                #expect(json.requests[0].text.contains(#""kind":"everyone-revoked""#))
                try await Self.wait("what was refused is told") {
                    let listed = try await Self.listed(fleet)
                    return listed["party"]?.refused == 1 && listed["party"]?.delivered == 3
                        && listed["signals"]?.refused == 1 && listed["signals"]?.failures == 1
                        && listed["signals"]?.delivered == 3
                }
                #expect(party.requests.count == 4 && signals.requests.count == 5 && json.requests.count == 1)
                let metrics = try await client.send(HTTPCall("GET", "/metrics")).text
                #expect(metrics.contains(#"portcullis_webhooks_total{receiver="party",result="refused"} 1"#))
            }
            for sink in [party, signals, json] { await sink.close() }
        }

        /// After the time that is given to a receiver, events are passed over, and later ones arrive.
        @Test(.timeLimit(.minutes(10))) func whatCannotBeDeliveredIsGivenUp() async throws {
            let sink = try await WebhookSink.start()
            sink.answer { request, _ in WebhookSink.Reply(request.text.contains("final") ? 200 : 500) }
            let file = try Self.file(["name: shop, url: 'http://127.0.0.1:\(sink.port)/', kinds: [created]"])
            defer { try? FileManager.default.removeItem(atPath: file) }
            let fleet = try await Fleet.start(
                nodes: 1,
                flags: Self.flags + ["--webhooks-file", file, "--webhook-give-up", "3s"]
            )
            try await Fleet.run(fleet) { fleet in
                try await Self.waitForPlaces(fleet, 1)
                for number in 0..<5 { _ = try await fleet.clients[0].create(user: "u\(number)") }
                try await Self.wait("five are given up") {
                    try await Self.listed(fleet)["shop"]?.givenUp == 5
                }
                _ = try await fleet.clients[0].create(user: "final")
                try await Self.wait("the next one arrives") { sink.accepted.count == 1 }
                #expect(fleet.nodes[0].log.contains("Webhook given up"))
            }
            await sink.close()
        }
    }
}
