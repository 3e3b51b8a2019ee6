import Foundation
import GatewayAPI
import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct SettingsRouteTests {
    private static func decode(_ response: RawResponse) throws -> SettingsJSON {
        #expect(response.status == 200, "\(response)")
        return try JSONDecoder().decode(SettingsJSON.self, from: Data(response.body.utf8))
    }

    @Test func settingsAreShownAndChanged() async throws {
        try await withFront(adjustGateway: { $0.policy.maximumSessions = 7 }) { front in
            let admin = front.service(front.adminKey)
            func get() async throws -> RawResponse {
                try await front.call("GET", "/api/admin/settings", headers: admin)
            }
            func put(_ json: String) async throws -> RawResponse {
                try await front.call("PUT", "/api/admin/settings", headers: admin, json: json)
            }
            let before = try await get()
            #expect(before["ETag"] == "\"0\"")
            let start = try Self.decode(before)
            #expect(start.version == 0 && start.settings.isEmpty && start.changedAt == nil)
            #expect(start.effective == start.defaults && start.defaults["maxSessions"] == .integer(7))
            #expect(start.defaults["idleTimeout"] == .integer(3600))
            #expect(start.defaults["limitBehaviour"] == .text("revoke-oldest"))
            #expect(Set(start.allowed.keys) == Set(start.defaults.keys))

            let changed = try Self.decode(
                try await put(
                    #"{"version":0,"settings":{"idleTimeout":900,"limitBehaviour":"deny","maxSessions":null}}"#
                )
            )
            #expect(changed.version == 1)
            #expect(changed.settings == ["idleTimeout": .integer(900), "limitBehaviour": .text("deny")])
            #expect(changed.effective["maxSessions"] == .integer(7))
            #expect(changed.changedBy == "key:boss" && changed.changedAt != nil)
            let receipt = try #require(changed.receipt)
            #expect(receipt.ended == 0 && receipt.nodes == receipt.applied + receipt.lapsed)

            let rows: [(String, String, [String])] = [
                (#"{"idleTimeout":59}"#, "idleTimeout", ["59", "60 to 7776000 seconds"]),
                (#"{"idleTimeout":7776001}"#, "idleTimeout", ["7776001", "60 to 7776000"]),
                (#"{"idleTimeout":"900"}"#, "idleTimeout", ["900", "60 to 7776000"]),
                (#"{"idleTimeout":900.5}"#, "idleTimeout", ["900.5", "60 to 7776000"]),
                (#"{"idleTimeout":true}"#, "idleTimeout", ["true", "60 to 7776000"]),
                (#"{"idleTimeout":[900]}"#, "idleTimeout", ["60 to 7776000"]),
                (#"{"maxSessions":-1}"#, "maxSessions", ["-1", "0 (unlimited) to 1000"]),
                (#"{"rotationGrace":301}"#, "rotationGrace", ["301", "0 to 300 seconds"]),
                (#"{"limitBehaviour":"ask"}"#, "limitBehaviour", ["ask", "revoke-oldest or deny"]),
                (#"{"idleTimeout":7200,"absoluteTimeout":3600}"#, "idleTimeout", ["7200", "60 to 3600"]),
                (#"{"retention":60}"#, "retention", ["is not a setting", "idleTimeout"]),
            ]
            for (settings, field, words) in rows {
                let answer = try await put("{\"version\":1,\"settings\":\(settings)}")
                #expect(answer.status == 422, "\(settings): \(answer)")
                #expect(answer.body.contains("\"field\":\"\(field)\""), "\(settings): \(answer)")
                for word in words { #expect(answer.body.contains(word), "\(settings): \(answer)") }
            }
            for bad in [
                #"{"version":1}"#, #"{"settings":{}}"#, #"{"version":"1","settings":{}}"#,
                #"{"version":-1,"settings":{}}"#, #"{"version":1,"settings":{},"x":1}"#,
            ] {
                #expect(try await put(bad).status == 422, "\(bad)")
            }
            let stale = try await put(#"{"version":0,"settings":{}}"#)
            #expect(stale.status == 409 && stale.body.contains("version_conflict"))
            #expect(stale["ETag"] == "\"1\"")
            let after = try Self.decode(try await get())
            #expect(after.version == 1 && after.settings == changed.settings)
        }
    }

    @Test func onlyAdministratorsMay() async throws {
        try await withFront { front in
            let body = #"{"version":0,"settings":{}}"#
            let user = try await front.token("user")
            let boss = try await front.token("boss", roles: ["portcullis:admin"])
            for (headers, status) in [
                ([], 401), (front.session(user), 403), (front.service(front.appKey), 403),
                (front.session(boss) + [("Origin", "https://evil.example")], 403),
            ] {
                let answer = try await front.call("PUT", "/api/admin/settings", headers: headers, json: body)
                #expect(answer.status == status)
            }
            let answer = try await front.call(
                "PUT",
                "/api/admin/settings",
                headers: front.session(boss) + [("Sec-Fetch-Site", "same-origin")],
                json: body
            )
            #expect(try Self.decode(answer).changedBy == "boss")
        }
    }

    @Test func aSessionTakesAPreset() async throws {
        try await withFront { front in
            let app = front.service(front.appKey)
            func create(_ preset: String) async throws -> RawResponse {
                try await front.call(
                    "POST",
                    "/api/sessions",
                    headers: app,
                    json: #"{"userId":"kim","preset":"\#(preset)"}"#
                )
            }
            let made = try await create("kiosk")
            #expect(made.status == 201, "\(made)")
            let session = try JSONDecoder().decode(CreatedSessionJSON.self, from: Data(made.body.utf8))
                .session
            let idle = try #require(session.idleDeadline)
            #expect(idle.milliseconds - session.createdAt.milliseconds == 300_000)
            let wrong = try await create("palace")
            #expect(wrong.status == 422 && wrong.body.contains("\"field\":\"preset\""))
            #expect(wrong.body.contains("palace") && wrong.body.contains("high-security"))
        }
    }
}
