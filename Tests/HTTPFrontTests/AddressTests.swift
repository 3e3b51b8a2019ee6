import GatewayAPI
import SessionCore
import SessionGateway
import TestSupport
import Testing

/// The client's address of a new session: whoever looks for it finds the session, however it was written.
@Suite struct AddressTests {
    private static func create(_ front: FrontFixture, _ ip: String) async throws -> RawResponse {
        try await front.call(
            "POST",
            "/api/sessions",
            headers: front.service(front.appKey),
            json: #"{"userId":"alice","ip":\#(ip)}"#
        )
    }

    @Test func whatIsAnAddressIsKeptInOneSpelling() async throws {
        try await withFront { front in
            let admin = front.service(front.adminKey)
            for (written, kept) in [
                ("203.0.113.5:4711", "203.0.113.5"), ("203.0.113.6", "203.0.113.6"),
                ("[2001:DB8:0::1]:4711", "2001:db8::1"), ("[2001:db8::2]", "2001:db8::2"),
                ("2001:0db8::3", "2001:db8::3"), ("::ffff:203.0.113.7", "203.0.113.7"),
            ] {
                let made = try await Self.create(front, "\"\(written)\"")
                #expect(made.status == 201, "\(made)")
                let created = try SessionRouteTests.decode(CreatedSessionJSON.self, made)
                #expect(created.session.ip == kept)
                let path = "/api/admin/sessions?ip=\(kept)"
                let list = try await front.call("GET", path, headers: admin)
                let page = try SessionRouteTests.decode(SessionPageJSON.self, list)
                #expect(page.sessions.map(\.id) == [created.session.id], "\(written)")
                #expect(page.sessions.first?.ip == kept)
                let receipt = try await front.call("DELETE", path, headers: admin)
                #expect(try SessionRouteTests.decode(ReceiptJSON.self, receipt).ended == 1)
                let check = try await front.call("GET", "/check", headers: front.service(created.token))
                #expect(check.status == 401)
            }
            #expect(try await Self.create(front, "null").status == 201)
        }
    }

    @Test func anythingElseIsRefused() async throws {
        try await withFront { front in
            for ip in [
                "", "unknown", "203.0.113", "203.0.113.5:", "203.0.113.5:x", "203.0.113.5:65536",
                "203.0.113.0/24", "203.0.113.5, 10.0.0.1", " 203.0.113.5", "[2001:db8::1", "2001:db8::1]",
                "fe80::1%eth0", "localhost", "203.0.113.5\\n", "<script>",
            ] {
                let answer = try await Self.create(front, "\"\(ip)\"")
                #expect(answer.status == 422, "\(ip): \(answer)")
                #expect(answer.body.contains(#""field":"ip""#), "\(ip): \(answer)")
            }
            let none = try await front.call(
                "GET",
                "/api/admin/sessions",
                headers: front.service(front.adminKey)
            )
            #expect(try SessionRouteTests.decode(SessionPageJSON.self, none).total == 0)
        }
    }

    /// Programs that embed the gateway give it what their servers say.
    @Test func theLibraryKeepsItInOneSpelling() async throws {
        try await withFront { front in
            var new = NewSession(user: try UserID("alice"))
            new.details.ipAddress = "[2001:DB8::1]:80"
            let id = try await front.gateway.create(new).session.id
            #expect(try await front.gateway.session(id)?.details.ipAddress == "2001:db8::1")
            var entry: AuditEntry?
            let isLogged = try await becomesTrue {
                entry = try await front.gateway.log(after: nil, limit: 10).first
                return entry != nil
            }
            #expect(isLogged && entry?.from == "2001:db8::1")
            new.details.ipAddress = "unix:"
            let wrong = new
            await #expect(throws: GatewayError.self) { try await front.gateway.create(wrong) }
        }
    }
}
