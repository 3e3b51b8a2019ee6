import Foundation
import GatewayAPI
import SessionCore
import SessionGateway
import TestSupport
import Testing

@testable import HTTPFront

@Suite struct LimitsRouteTests {
    private static func decode(_ response: RawResponse) throws -> SettingsJSON {
        #expect(response.status == 200, "\(response)")
        return try JSONDecoder().decode(SettingsJSON.self, from: Data(response.body.utf8))
    }

    @Test func limitsAreShownChangedAndKept() async throws {
        try await withFront { front in
            let admin = front.service(front.adminKey)
            func put(_ json: String) async throws -> RawResponse {
                try await front.call("PUT", "/api/admin/settings", headers: admin, json: json)
            }
            let before = try Self.decode(
                try await front.call("GET", "/api/admin/settings", headers: admin)
            )
            #expect(before.limits == ["users": [:], "organizations": [:]])
            let limits =
                #"{"users":{"svc-ci":{"maxSessions":0},"nobody":{},"gone":null},"organizations":{"acme":{"maxSessions":3,"limitBehaviour":"deny"},"é/\"x\\":{"limitBehaviour":"deny","maxSessions":null}}}"#
            let changed = try Self.decode(
                try await put(#"{"version":0,"settings":{"maxSessions":2},"limits":\#(limits)}"#)
            )
            let expected: [String: [String: [String: SettingValueJSON]]] = [
                "users": ["svc-ci": ["maxSessions": .integer(0)]],
                "organizations": [
                    "acme": ["maxSessions": .integer(3), "limitBehaviour": .text("deny")],
                    "é/\"x\\": ["limitBehaviour": .text("deny")],
                ],
            ]
            #expect(changed.limits == expected && changed.settings == ["maxSessions": .integer(2)])
            let shown = try Self.decode(
                try await front.call("GET", "/api/admin/settings", headers: admin)
            )
            #expect(shown.limits == expected && shown.version == 1)

            func login(_ user: String, _ organization: String? = nil) async throws -> RawResponse {
                let more = organization.map { ",\"organization\":\"\($0)\"" } ?? ""
                return try await front.call(
                    "POST",
                    "/api/sessions",
                    headers: front.service(front.appKey),
                    json: "{\"userId\":\"\(user)\"\(more)}"
                )
            }
            for _ in 0..<12 {
                let made = try await login("svc-ci")
                #expect(made.status == 201 && made.body.contains("\"evicted\":[]"))
            }
            for _ in 0..<3 { #expect(try await login("kim", "acme").status == 201) }
            let refused = try await login("kim", "acme")
            #expect(refused.status == 409 && refused.body.contains("limit_reached"))
            #expect(try await login("kim").status == 201)
            // What is left out is not set any more.
            let without = try Self.decode(try await put(#"{"version":1,"settings":{}}"#))
            #expect(without.limits == ["users": [:], "organizations": [:]])
        }
    }

    @Test func whatIsWrongIsNamedAndChangesNothing() async throws {
        try await withFront { front in
            let admin = front.service(front.adminKey)
            let long = String(repeating: "q", count: 70)
            let many = (0...1000).map { "\"u\($0)\":{\"maxSessions\":1}" }.joined(separator: ",")
            let rows: [(String, String, [String])] = [
                (
                    #"{"users":{"kim":{"maxSessions":-1}}}"#, "limits.users.kim.maxSessions",
                    ["-1", "0 (unlimited) to 1000"]
                ),
                (#"{"users":{"kim":{"maxSessions":1.5}}}"#, "limits.users.kim.maxSessions", ["1.5"]),
                (#"{"users":{"kim":{"maxSessions":"3"}}}"#, "limits.users.kim.maxSessions", ["3"]),
                (
                    #"{"organizations":{"acme":{"limitBehaviour":"ask"}}}"#,
                    "limits.organizations.acme.limitBehaviour", ["ask", "revoke-oldest or deny"]
                ),
                (
                    #"{"users":{"kim":{"idleTimeout":60}}}"#, "limits.users.kim",
                    ["idleTimeout", "maxSessions"]
                ),
                (#"{"users":{"kim":3}}"#, "limits.users.kim", ["must be an object"]),
                (#"{"users":{"kim":[]}}"#, "limits.users.kim", ["must be an object"]),
                (#"{"users":[]}"#, "limits.users", ["must be an object"]),
                (#"{"users":{"":{"maxSessions":1}}}"#, "limits.users", ["1 to 256 bytes"]),
                (#"{"users":{"a\u202eb":{"maxSessions":1}}}"#, "limits.users", ["control"]),
                (#"{"teams":{}}"#, "limits", ["teams", "users and organizations"]),
                ("[]", "limits", ["must be an object"]), ("3", "limits", ["must be an object"]),
                ("{\"users\":{\(many)}}", "limits.users", ["at most 1000 entries"]),
                (
                    "{\"users\":{\"\(long)\":{\"\(long)\":1}}}", "limits.users.(a name of 70 bytes)",
                    ["(a name"]
                ),
                ("{\"\(long)\":1}", "limits", ["(a name of 70 bytes)"]),
            ]
            for (limits, field, words) in rows {
                let answer = try await front.call(
                    "PUT",
                    "/api/admin/settings",
                    headers: admin,
                    json: "{\"version\":0,\"settings\":{},\"limits\":\(limits)}"
                )
                let place = "\(limits.prefix(60)): \(answer)"
                #expect(answer.status == 422, "\(place)")
                #expect(answer.body.contains("\"field\":\"\(field)\""), "\(place)")
                for word in words { #expect(answer.body.contains(word), "\(place)") }
                // A long name may be a token in the wrong place.
                #expect(!answer.body.contains(long), "\(place)")
            }
            // Twice the same name, also where only Unicode takes it for the same.
            for names in [("kim", "kim"), ("kim", "\\u006bim"), ("\u{E9}", "e\u{301}")] {
                let answer = try await front.call(
                    "PUT",
                    "/api/admin/settings",
                    headers: admin,
                    json:
                        "{\"version\":0,\"settings\":{},\"limits\":{\"users\":{\"\(names.0)\":{},\"\(names.1)\":{}}}}"
                )
                #expect(answer.status == 400 && answer.body.contains("same name twice"), "\(names)")
            }
            let after = try Self.decode(
                try await front.call("GET", "/api/admin/settings", headers: admin)
            )
            #expect(after.version == 0)
        }
    }

    /// 140 KB, where other bodies have to be below 64.
    @Test func aLongListIsTaken() async throws {
        try await withFront { front in
            let admin = front.service(front.adminKey)
            func entries() -> String {
                (0..<250).map { "\"\(String(repeating: "n", count: 252))\($0 + 1000)\":{\"maxSessions\":7}" }
                    .joined(separator: ",")
            }
            let changed = try Self.decode(
                try await front.call(
                    "PUT",
                    "/api/admin/settings",
                    headers: admin,
                    json:
                        "{\"version\":0,\"settings\":{},\"limits\":{\"users\":{\(entries())},\"organizations\":{\(entries())}}}"
                )
            )
            #expect(changed.limits["users"]?.count == 250)
            #expect(changed.limits["organizations"]?.count == 250)
            #expect(try await front.gateway.settings().overrides.limits.entries(.users).count == 250)
        }
    }

    @Test func theSchemasKnowTheLimits() {
        #expect(LimitSchemas.names == LimitOverrides.settings.map(\.rawValue))
        #expect(LimitSchemas.mostEntries == LimitOverrides.maximumEntries)
    }
}
