import GatewayAPI
import SessionCore
import SessionGateway
import TestSupport
import Testing

@testable import HTTPFront

/// The timelines of sessions (docs/features.md V3).
@Suite struct ActivityRouteTests {
    private static func timeline(
        _ front: FrontFixture,
        _ id: String,
        _ query: String = ""
    ) async throws -> ActivityPageJSON {
        let answer = try await front.call(
            "GET",
            "/api/admin/sessions/\(id)/activity\(query)",
            headers: front.service(front.adminKey)
        )
        #expect(answer.status == 200, "\(answer)")
        return try SessionRouteTests.decode(ActivityPageJSON.self, answer)
    }

    private static func add(_ front: FrontFixture, _ id: String, _ json: String) async throws -> RawResponse {
        try await front.call(
            "POST",
            "/api/sessions/\(id)/activity",
            headers: front.service(front.checkKey),
            json: json
        )
    }

    @Test func applicationsTellAndOthersRead() async throws {
        try await withFront { front in
            let mine = try await front.gateway.create(NewSession(user: try UserID("alice")))
            let other = try await front.token("mallory")
            let id = mine.session.id.description
            let one = try await Self.add(
                front,
                id,
                #"{"method":"POST","path":"/orders?secret=1","status":201}"#
            )
            #expect(one.status == 200 && one.body == #"{"recorded":1}"#, "\(one)")
            let entries = (0..<99).map { #"{"action":"step \#($0)"}"# }.joined(separator: ",")
            #expect(try await Self.add(front, id, "{\"entries\":[\(entries)]}").body == #"{"recorded":99}"#)
            let at = WireTime(milliseconds: mine.session.createdAt.milliseconds).description
            #expect(try await Self.add(front, id, #"{"path":"/login","at":"\#(at)"}"#).status == 200)

            let all = try await Self.timeline(front, id, "?limit=200").entries
            #expect(
                all.count == 101 && all.map(\.at.milliseconds) == all.map(\.at.milliseconds).sorted(by: >)
            )
            let order = try #require(all.first { $0.method == "POST" })
            #expect(order.path == "/orders" && order.status == 201 && order.source == "application")
            let login = try #require(all.first { $0.path == "/login" })
            #expect(login.at.description == at && login.method == nil && login.action == nil)
            var seen: [ActivityJSON] = []
            var query = "?limit=30"
            while true {
                let page = try await Self.timeline(front, id, query)
                seen += page.entries
                guard let next = page.nextCursor else { break }
                query = "?limit=30&cursor=\(next)"
            }
            #expect(seen == all)
            #expect(try await Self.timeline(front, id).entries.count == 50)

            // The user sees their own, and nobody else's.
            let path = "/api/auth/sessions/\(id)/activity"
            let own = try await front.call(
                "GET",
                path + "?limit=200",
                headers: front.session(mine.token.text)
            )
            #expect(try SessionRouteTests.decode(ActivityPageJSON.self, own).entries == all)
            #expect(try await front.call("GET", path, headers: front.session(other)).status == 404)
            // It stays for the retention.
            _ = try await front.gateway.end(mine.session.id, Ending(.revoked))
            #expect(try await Self.timeline(front, id, "?limit=200").entries == all)
            #expect(try await Self.add(front, id, #"{"action":"late"}"#).status == 404)
            #expect(try await Self.timeline(front, id, "?limit=200").entries == all)
        }
    }

    @Test func whatIsWrongIsNamedAndNothingIsRecorded() async throws {
        try await withFront { front in
            let session = try await front.gateway.create(NewSession(user: try UserID("alice"))).session
            let id = session.id.description
            let before = WireTime(milliseconds: session.createdAt.milliseconds - 1).description
            let future = WireTime(milliseconds: session.createdAt.milliseconds + 3_600_000).description
            let many = (0..<101).map { _ in #"{"action":"a"}"# }.joined(separator: ",")
            let rows: [(String, String)] = [
                ("{}", "path"), (#"{"status":200}"#, "path"), (#"{"path":"a"}"#, "path"),
                (#"{"path":""}"#, "path"), (#"{"path":"/\u0007"}"#, "path"),
                (#"{"path":"/\#(String(repeating: "a/", count: 260))"}"#, "path"),
                (#"{"path":"/","action":"a"}"#, "action"), (#"{"action":""}"#, "action"),
                (#"{"action":"a","method":"GET"}"#, "method"), (#"{"path":"/","method":"G T"}"#, "method"),
                (#"{"path":"/","status":99}"#, "status"), (#"{"path":"/","status":"200"}"#, "status"),
                (#"{"path":"/","at":"yesterday"}"#, "at"), (#"{"path":"/","at":"\#(before)"}"#, "at"),
                (#"{"path":"/","at":"\#(future)"}"#, "at"),
                (#"{"path":"/","at":"0001-01-01T00:00:00Z"}"#, "at"),
                (#"{"path":"/","at":"9999-12-31T23:59:59Z"}"#, "at"), (#"{"path":"/","user":"a"}"#, "user"),
                (#"{"entries":[]}"#, "entries"), ("{\"entries\":[\(many)]}", "entries"),
                (#"{"entries":[{"action":"a"}],"path":"/"}"#, "entries"), (#"{"entries":{}}"#, "entries"),
                (#"{"entries":[{"action":"a"},{"path":"b"}]}"#, "entries.1.path"),
                (#"{"entries":[{"action":"a"},{"action":"a","at":"\#(before)"}]}"#, "entries.1.at"),
                (#"{"entries":[{"action":"a"},{"path":"/","method":""}]}"#, "entries.1.method"),
                (#"{"entries":[{"action":"a","user":"b"}]}"#, "entries.0.user"),
                (#"{"entries":[1]}"#, "entries.0"),
            ]
            for (json, field) in rows {
                let answer = try await Self.add(front, id, json)
                #expect(answer.status == 422, "\(json.prefix(80)): \(answer)")
                #expect(answer.body.contains("\"field\":\"\(field)\""), "\(json.prefix(80)): \(answer)")
            }
            #expect(try await Self.timeline(front, id).entries.isEmpty)
            for query in ["?limit=0", "?limit=201", "?cursor=", "?cursor=x", "?offset=1", "?cursor=1-2-3-4"] {
                let path = "/api/admin/sessions/\(id)/activity\(query)"
                let answer = try await front.call("GET", path, headers: front.service(front.adminKey))
                #expect(answer.status == 400, "\(query): \(answer)")
            }
            for id in ["00ff0123456789abcdef", "zz"] {
                #expect(try await Self.add(front, id, #"{"action":"a"}"#).status == 404)
            }
        }
    }

    @Test func offMeansThatNothingIsKept() async throws {
        try await withFront(adjustGateway: { $0.activityEntries = 0 }) { front in
            let session = try await front.gateway.create(NewSession(user: try UserID("alice"))).session
            let id = session.id.description
            let answer = try await Self.add(front, id, #"{"action":"a"}"#)
            #expect(answer.status == 200 && answer.body == #"{"recorded":0}"#)
            #expect(try await Self.timeline(front, id).entries.isEmpty)
            _ = try await front.gateway.end(session.id, Ending(.revoked))
            #expect(try await Self.add(front, id, #"{"action":"a"}"#).status == 404)
        }
    }

    static let forwarded = [
        ("X-Forwarded-Method", "POST"), ("X-Forwarded-Uri", "/orders/7?token=secret"),
        ("X-Forwarded-Host", "app.example"),
    ]

    @Test func checksOfTrustedProxiesLeaveALine() async throws {
        try await withFront(adjustFront: {
            $0.recordsActivity = true
            $0.trustedProxies = TrustedProxies(["127.0.0.1"]) ?? TrustedProxies()
        }) { front in
            let created = try await front.gateway.create(NewSession(user: try UserID("alice")))
            let id = created.session.id.description
            func check(
                _ headers: [(String, String)],
                path: String = "/check",
                isHot: Bool = true
            ) async throws {
                let token = front.session(created.token.text)
                let answer = try await front.call("GET", path, headers: token + headers, isHot: isHot)
                #expect(answer.status == 204, "\(answer)")
            }
            // The same again, in either way, within the second is the same line.
            for isHot in [true, false] { try await check(Self.forwarded, isHot: isHot) }
            try await check([("x-original-url", "https://app.example/a#b"), ("X-Original-Method", "PUT")])
            // Beside the other way, it may be the client's.
            try await check(Self.forwarded + [("X-Original-URL", "/forged"), ("X-Original-Method", "PUT")])
            try await check([("X-Forwarded-Method", "GET"), ("X-Original-URL", "/forged")])
            try await check([], path: "/check/envoy/envoy/x?y")
            // Says not what it asks about, or says it twice, or nonsense.
            try await check([])
            try await check([("X-Forwarded-Uri", "/x"), ("X-Forwarded-Uri", "/y")])
            try await check([("X-Forwarded-Uri", "nonsense")])
            let refused = try await front.call("GET", "/check", headers: front.session("x") + Self.forwarded)
            #expect(refused.status == 401)
            var entries: [ActivityJSON] = []
            let isThere = try await becomesTrue {
                entries = try await Self.timeline(front, id).entries
                return entries.count >= 3
            }
            #expect(isThere)
            // Two of the same second are one; of a slow run perhaps not.
            let lines = Set(entries.map { "\($0.method ?? "") \($0.path ?? "") \($0.source)" })
            #expect(
                lines == [
                    "POST /orders/7 forward-auth", "PUT /a forward-auth", "GET /envoy/x forward-auth",
                ]
            )
            for entry in entries {
                #expect(entry.at.milliseconds >= created.session.createdAt.milliseconds)
            }
            let metrics = try await front.call("GET", "/metrics").body
            #expect(metrics.contains("portcullis_activity_entries_total{result=\"dropped\"} 0\n"))
            #expect(
                metrics.contains("portcullis_activity_entries_total{result=\"recorded\"} \(entries.count)\n")
            )
        }
    }

    /// Anybody can send these headers.
    @Test(arguments: [true, false])
    func othersLeaveNone(isOn: Bool) async throws {
        try await withFront(adjustFront: {
            $0.recordsActivity = isOn
            $0.trustedProxies = TrustedProxies([isOn ? "192.0.2.1" : "127.0.0.1"]) ?? TrustedProxies()
        }) { front in
            let created = try await front.gateway.create(NewSession(user: try UserID("alice")))
            let id = created.session.id.description
            for (path, isHot) in [("/check", true), ("/check", false), ("/check/envoy/x", true)] {
                let headers = front.session(created.token.text) + Self.forwarded
                let answer = try await front.call("GET", path, headers: headers, isHot: isHot)
                #expect(answer.status == 204)
            }
            await front.gateway.flushActivity()
            #expect(try await Self.timeline(front, id).entries.isEmpty)
        }
    }

    /// What strangers' requests fill is bounded, and says so.
    @Test func whatDoesNotFitIsCounted() async throws {
        try await withFront { front in
            let session = try await front.gateway.create(NewSession(user: try UserID("alice"))).session
            for number in 0..<30_000 {
                front.gateway.noteActivity(method: "GET", target: "/\(number)", of: session.id)
            }
            // Some may be on their way with the task that sends them.
            let isSettled = await becomesTrue {
                await front.gateway.flushActivity()
                let figures = front.gateway.nodeStatistics
                return figures.activityDropped + figures.activityRecorded >= 30_000
            }
            let figures = front.gateway.nodeStatistics
            #expect(isSettled && figures.activityDropped + figures.activityRecorded == 30_000)
            #expect(figures.activityDropped > 0 && figures.activityRecorded > 0)
            let id = session.id.description
            #expect(try await Self.timeline(front, id, "?limit=200").entries.count == 200)
            front.redis.stop()
            front.gateway.noteActivity(method: "GET", target: "/lost", of: session.id)
            await front.gateway.flushActivity()
            let isCounted = await becomesTrue {
                front.gateway.nodeStatistics.activityDropped == figures.activityDropped + 1
            }
            #expect(isCounted)
        }
    }
}
