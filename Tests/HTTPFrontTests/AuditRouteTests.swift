import Foundation
import GatewayAPI
import HTTPFront
import ServiceKeys
import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct AuditRouteTests {
    private static func page(_ front: FrontFixture, _ query: String = "") async throws -> AuditPageJSON {
        let answer = try await front.call(
            "GET",
            "/api/admin/audit" + query,
            headers: front.service(front.adminKey)
        )
        #expect(answer.status == 200, "\(answer)")
        return try SessionRouteTests.decode(AuditPageJSON.self, answer)
    }

    /// The entries of a query, once there are so many.
    static func entries(
        _ front: FrontFixture,
        _ count: Int,
        _ query: String = "?limit=1000"
    ) async throws -> [AuditEntryJSON] {
        var entries: [AuditEntryJSON] = []
        let isThere = try await becomesTrue {
            entries = try await Self.page(front, query).entries
            return entries.count >= count
        }
        #expect(isThere && entries.count == count, "\(query): \(entries)")
        return entries
    }

    static func create(_ front: FrontFixture, _ json: String) async throws -> CreatedSessionJSON {
        let made = try await front.call(
            "POST",
            "/api/sessions",
            headers: front.service(front.appKey),
            json: json
        )
        #expect(made.status == 201, "\(made)")
        return try SessionRouteTests.decode(CreatedSessionJSON.self, made)
    }

    /// A copy of a token that was rotated out ends the session, and whoever listens or receives webhooks hears of it as
    /// of every entry here.
    @Test func aStolenTokenShows() async throws {
        try await withFront(adjustGateway: { $0.policy.rotationGrace = .zero }) { front in
            let made = try await Self.create(front, #"{"userId":"alice"}"#)
            let rotated = try await front.call(
                "POST",
                "/api/auth/session/rotate",
                headers: front.service(made.token)
            )
            #expect(rotated.status == 200, "\(rotated)")
            let refused = try await becomesTrue {
                try await front.call("GET", "/check", headers: front.service(made.token)).status == 401
            }
            #expect(refused)
            let entries = try await Self.entries(front, 1, "?kind=token-reused")
            #expect(entries.first?.session == made.session.id && entries.first?.user == "alice")
        }
    }

    @Test func whoWhatWhyAndFromWhere() async throws {
        try await withFront { front in
            let admin = front.service(front.adminKey)
            let one = try await Self.create(
                front,
                #"{"userId":"alice","organization":"acme","ip":"203.0.113.9"}"#
            )
            let two = try await Self.create(front, #"{"userId":"bob"}"#)
            _ = try await front.call(
                "DELETE",
                "/api/admin/sessions/\(one.session.id)?reason=Lost%20laptop",
                headers: admin
            )
            _ = try await front.call("POST", "/api/auth/logout", headers: front.service(two.token))
            _ = try await front.call(
                "PUT",
                "/api/admin/settings",
                headers: admin,
                json: #"{"version":0,"settings":{"idleTimeout":900}}"#
            )
            _ = try await front.call(
                "DELETE",
                "/api/admin/sessions?all=true&confirm=everyone&reason=breach",
                headers: admin
            )
            let entries = try await Self.entries(front, 6)
            #expect(
                Set(entries.map(\.kind)) == [
                    "created", "revoked", "logged-out", "settings-changed", "everyone-revoked",
                ]
            )
            let revoked = try #require(entries.first { $0.kind == "revoked" })
            #expect(
                revoked.session == one.session.id && revoked.user == "alice" && revoked.organization == "acme"
            )
            #expect(
                revoked.actor == "key:boss" && revoked.reason == "Lost laptop" && revoked.from == "127.0.0.1"
            )
            let created = try #require(entries.first { $0.session == one.session.id && $0.kind == "created" })
            #expect(created.actor == "key:app" && created.from == "203.0.113.9" && created.count == nil)
            let out = try #require(entries.first { $0.kind == "logged-out" })
            #expect(
                out.actor == "bob" && out.user == "bob" && out.organization == nil && out.from == "127.0.0.1"
            )
            let settings = try #require(entries.first { $0.kind == "settings-changed" })
            #expect(settings.reason?.contains("900") == true && settings.actor == "key:boss")

            for (query, kinds) in [
                ("?kind=revoked,logged-out", ["logged-out", "revoked"]),
                ("?user=alice", ["created", "revoked"]),
                ("?actor=bob", ["logged-out"]), ("?session=\(two.session.id)", ["created", "logged-out"]),
                ("?org=acme&kind=revoked", ["revoked"]), ("?search=LOST", ["revoked"]),
                ("?search=nowhere", []),
                ("?until=2020-01-01T00:00:00Z", []),
                ("?since=2020-01-01T00:00:00Z&kind=revoked", ["revoked"]),
            ] {
                #expect(try await Self.page(front, query).entries.map(\.kind).sorted() == kinds, "\(query)")
            }
            // Newest first, in pages.
            var paged: [AuditEntryJSON] = []
            var cursor: String?
            repeat {
                let page = try await Self.page(front, "?limit=2" + (cursor.map { "&cursor=\($0)" } ?? ""))
                #expect(page.entries.count <= 2 && !page.partial)
                paged += page.entries
                cursor = page.nextCursor
            } while cursor != nil
            #expect(paged == entries)

            let verified = try SessionRouteTests.decode(
                AuditVerificationJSON.self,
                try await front.call("GET", "/api/admin/audit/verification", headers: admin)
            )
            #expect(verified.holds && verified.checked == 6 && verified.total == 6)
            #expect(verified.head == entries.first?.hash && verified.nextCursor == nil)
            let probe = try RedisProbe(front.redis)
            try probe.run("XDEL", "pc:{g}:log", entries[3].position)
            let broken = try SessionRouteTests.decode(
                AuditVerificationJSON.self,
                try await front.call("GET", "/api/admin/audit/verification", headers: admin)
            )
            #expect(!broken.holds && broken.checked == 1)
            #expect(broken.fault == .init(position: entries[4].position, problem: "missing"))
        }
    }

    @Test func wrongQueriesAreRefused() async throws {
        try await withFront { front in
            for query in [
                "kind=rubbish", "kind=", "kind=revoked,", "user=", "session=1", "since=yesterday", "limit=0",
                "limit=1001", "cursor=1", "cursor=a-b", "format=xml", "userId=alice", "search=", "org=%00",
                "since=2027-01-02T00:00:00Z&until=2027-01-01T00:00:00Z",
            ] {
                let answer = try await front.call(
                    "GET",
                    "/api/admin/audit?" + query,
                    headers: front.service(front.adminKey)
                )
                #expect(answer.status == 400, "\(query): \(answer)")
                #expect(answer.body.contains("\"field\":"), "\(query): \(answer)")
            }
            let answer = try await front.call(
                "GET",
                "/api/admin/audit/verification?cursor=x",
                headers: front.service(front.adminKey)
            )
            #expect(answer.status == 400)
        }
    }

    @Test func exportsAreComplete() async throws {
        try await withFront { front in
            let admin = front.service(front.adminKey)
            let names = [#"=HYPERLINK("http://evil","x")"#, "+1", "-1", "@sum", #"a "quoted", name"#, "ünal"]
            for name in names {
                let json = String(decoding: try JSONEncoder().encode(["userId": name]), as: UTF8.self)
                _ = try await Self.create(front, json)
            }
            let entries = try await Self.entries(front, names.count)
            let lines = try await front.call("GET", "/api/admin/audit?format=jsonl", headers: admin)
            #expect(lines["Content-Type"] == "application/jsonl" && lines["X-Next-Cursor"] == nil)
            let decoded = try lines.body.split(separator: "\n").map {
                try JSONDecoder().decode(AuditEntryJSON.self, from: Data($0.utf8))
            }
            #expect(decoded == entries)

            // ASVS 1.2.10
            let csv = try await front.call("GET", "/api/admin/audit?format=csv&limit=4", headers: admin)
            #expect(csv["Content-Type"] == "text/csv; charset=utf-8; header=present")
            #expect(csv["Content-Disposition"] == #"attachment; filename="audit.csv""#)
            let next = try #require(csv["X-Next-Cursor"])
            let rest = try await front.call(
                "GET",
                "/api/admin/audit?format=csv&cursor=\(next)",
                headers: admin
            )
            #expect(rest["X-Next-Cursor"] == nil)
            let rows = (csv.body + rest.body).components(separatedBy: "\r\n").filter { !$0.isEmpty }
            #expect(rows.count == names.count + 2)
            #expect(rows.first?.hasPrefix("position,at,kind,session,user,") == true)
            for cell in [#","'=HYPERLINK(""http://evil"",""x"")","#, ",\"'+1\",", ",\"'-1\",", ",\"'@sum\","]
            {
                #expect(rows.contains { $0.contains(cell) }, "\(cell)")
            }
            #expect(rows.contains { $0.contains(#","a ""quoted"", name","#) })
            #expect(rows.contains { $0.contains(",ünal,") })
        }
    }

    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("=1", "\"'=1\""),
        ("\t=1", "\"'\u{FFFD}=1\""), ("\r\n", "\"'\u{FFFD}\u{FFFD}\""), ("a\nb", "a\u{FFFD}b"),
        ("\u{FF1D}1", "\"'\u{FF1D}1\""), ("1-2", "1-2"), ("\u{0}", "\"'\u{FFFD}\""),
    ])
    func asvs1210CellsAreNoFormulas(text: String, cell: String) {
        #expect(AuditCSV.cell(text) == cell)
    }

    @Test func theAddressIsTheOneThatATrustedProxySaw() async throws {
        let proxies = try #require(TrustedProxies(["127.0.0.0/8"]))
        try await withFront(adjustFront: { $0.trustedProxies = proxies }) { front in
            let made = try await Self.create(front, #"{"userId":"alice"}"#)
            _ = try await front.call(
                "DELETE",
                "/api/admin/sessions/\(made.session.id)",
                headers: front.service(front.adminKey) + [("X-Forwarded-For", "10.9.9.9, 2001:DB8::0:7")]
            )
            let entry = try #require(try await Self.entries(front, 1, "?kind=revoked").first)
            #expect(entry.from == "2001:db8::7")
        }
    }
}
