import SessionCore
import SessionGateway
import TestSupport
import Testing

/// The document of a session (docs/features.md S11): conditional requests of RFC 9110 13.1.
@Suite struct SessionDataTests {
    @Test func rfc9110ComparesAndSets() async throws {
        try await withFront { front in
            let created = try await front.gateway.create(NewSession(user: try UserID("alice")))
            let path = "/api/sessions/\(created.session.id)/data"
            let app = front.service(front.appKey)
            func put(_ json: String, _ condition: (String, String)? = nil) async throws -> RawResponse {
                try await front.call("PUT", path, headers: app + (condition.map { [$0] } ?? []), json: json)
            }
            let none = try await front.call("GET", path, headers: app)
            #expect(none.status == 404 && none.body.contains("\"code\":\"no_data\""))
            #expect(try await put("{}", ("If-Match", "\"1\"")).status == 412)
            let first = try await put(#"{"a": 1}"#, ("If-None-Match", "*"))
            #expect(first.status == 200 && first["ETag"] == "\"1\"")
            let again = try await put("{}", ("If-None-Match", "*"))
            #expect(
                again.status == 412 && again["ETag"] == "\"1\"" && again.body.contains("version_conflict")
            )
            let read = try await front.call("GET", path, headers: front.service(front.checkKey))
            #expect(
                read.body == #"{"a": 1}"# && read["ETag"] == "\"1\"" && read["Cache-Control"] == "no-store"
            )
            #expect(try await put(#"{"a":2}"#, ("If-Match", "\"1\""))["ETag"] == "\"2\"")
            for tag in ["\"1\"", "\"3\"", "\"0\"", "\"abc\"", "\"\""] {
                #expect(try await put("{}", ("If-Match", tag)).status == 412, "\(tag)")
            }
            for tag in ["2", "*", "W/\"2\"", "\"2\", \"3\"", "\"2"] {
                #expect(try await put("{}", ("If-Match", tag)).status == 400, "\(tag)")
            }
            #expect(try await put("{}")["ETag"] == "\"3\"")
            // Other nodes, and the front without its hot path, see the same.
            #expect(try await front.call("GET", path, headers: app, isHot: false)["ETag"] == "\"3\"")
        }
    }

    @Test func onlyObjectsOfEightKilobytes() async throws {
        try await withFront { front in
            let created = try await front.gateway.create(NewSession(user: try UserID("alice")))
            let path = "/api/sessions/\(created.session.id)/data"
            let app = front.service(front.appKey)
            func object(bytes: Int) -> String {
                "{\"a\":\"" + String(repeating: "x", count: bytes - 8) + "\"}"
            }
            for (json, status) in [
                ("[]", 422), ("1", 422), ("null", 422), ("\"x\"", 422), ("{", 400), ("", 400),
                (#"{"a":1,"a":2}"#, 400), (object(bytes: 8192), 200), (object(bytes: 8193), 413),
                (object(bytes: 70_000), 413), (" {} ", 200),
            ] {
                let answer = try await front.call("PUT", path, headers: app, json: json)
                #expect(answer.status == status, "\(json.prefix(20)): \(answer)")
            }
            let create = try await front.call(
                "POST",
                "/api/sessions",
                headers: app,
                json: #"{"userId":"a","data":[1]}"#
            )
            #expect(create.status == 422 && create.body.contains("\"field\":\"data\""))
            #expect(try await front.call("PUT", path, headers: app, body: "{}").status == 415)
            let check = front.service(front.checkKey)
            #expect(try await front.call("PUT", path, headers: check, json: "{}").status == 403)
            _ = try await front.gateway.end(created.session.id, Ending(.revoked))
            #expect(try await front.call("PUT", path, headers: app, json: "{}").status == 404)
            #expect(try await front.call("GET", path, headers: app).status == 404)
        }
    }
}
