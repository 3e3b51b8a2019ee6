import GatewayAPI
import SessionCore
import SessionGateway
import TestSupport
import Testing

/// Where a client is, as the application tells it (docs/features.md S1).
@Suite struct LocationTests {
    @Test func isShownWhereverTheSessionIs() async throws {
        try await withFront { front in
            let app = front.service(front.appKey)
            let admin = front.service(front.adminKey)
            func create(_ user: String, _ location: String) async throws -> RawResponse {
                let json = "{\"userId\":\"\(user)\",\"location\":\(location)}"
                return try await front.call("POST", "/api/sessions", headers: app, json: json)
            }
            let made = try await create(
                "alice",
                #"{"country":"DE","region":"Nordrhein-Westfalen","city":"Köln","isp":"Example Net"}"#
            )
            let created = try SessionRouteTests.decode(CreatedSessionJSON.self, made)
            let place = SessionJSON.LocationJSON(
                country: "DE",
                region: "Nordrhein-Westfalen",
                city: "Köln",
                isp: "Example Net"
            )
            #expect(made.status == 201 && created.session.location == place, "\(made)")
            let id = created.session.id
            let own = front.session(created.token)
            for (path, headers) in [("/api/admin/sessions/\(id)", admin), ("/api/auth/session", own)] {
                let shown = try await front.call("GET", path, headers: headers)
                #expect(try SessionRouteTests.decode(SessionJSON.self, shown).location == place)
            }
            for (path, headers) in [
                ("/api/admin/sessions", admin), ("/api/auth/sessions", own),
                ("/api/admin/users/alice/sessions", admin),
            ] {
                let page = try await front.call("GET", path, headers: headers)
                let sessions = try SessionRouteTests.decode(SessionPageJSON.self, page).sessions
                #expect(sessions.map(\.location) == [place], "\(path)")
            }
            // Other changes leave it alone, and so does the end.
            let change = #"{"sessionName":"desk"}"#
            let renamed = try await front.call("PATCH", "/api/sessions/\(id)", headers: app, json: change)
            #expect(try SessionRouteTests.decode(SessionJSON.self, renamed).location == place)
            #expect(try await front.call("DELETE", "/api/sessions/\(id)", headers: app).status == 200)
            let ended = try await front.call("GET", "/api/admin/sessions/\(id)", headers: admin)
            let shown = try SessionRouteTests.decode(SessionJSON.self, ended)
            #expect(shown.status == "revoked" && shown.location == place)
            // Nothing known is no location.
            for location in ["{}", "null", #"{"city":null}"#] {
                let answer = try await create("bob", location)
                #expect(try SessionRouteTests.decode(CreatedSessionJSON.self, answer).session.location == nil)
            }
        }
    }

    @Test func filtersAndEndsByCountry() async throws {
        try await withFront { front in
            let admin = front.service(front.adminKey)
            for (user, country) in [("a", "DE"), ("b", "DE"), ("c", "FR"), ("d", nil)] {
                var new = NewSession(user: try UserID(user))
                if let country {
                    new.details.location = SessionLocation()
                    new.details.location?.country = country
                    new.details.location?.isp = "Net of \(user)"
                }
                _ = try await front.gateway.create(new)
            }
            func users(_ query: String) async throws -> [String] {
                let answer = try await front.call("GET", "/api/admin/sessions?\(query)", headers: admin)
                return try SessionRouteTests.decode(SessionPageJSON.self, answer).sessions.map(\.userId)
                    .sorted()
            }
            #expect(try await users("country=DE") == ["a", "b"])
            #expect(try await users("country=US").isEmpty)
            #expect(try await users("search=net%20OF%20b") == ["b"])
            for wrong in ["country=", "country=de", "country=DEU", "country=%C3%84", "country=D1"] {
                let answer = try await front.call("GET", "/api/admin/sessions?\(wrong)", headers: admin)
                #expect(answer.status == 400 && answer.body.contains(#""field":"country""#), "\(answer)")
            }
            let receipt = try await front.call("DELETE", "/api/admin/sessions?country=DE", headers: admin)
            #expect(try SessionRouteTests.decode(ReceiptJSON.self, receipt).ended == 2)
            #expect(try await users("limit=10") == ["c", "d"])
            #expect(try await users("country=DE&status=revoked") == ["a", "b"])
        }
    }

    @Test func whatIsWrongIsNamed() async throws {
        try await withFront { front in
            let long = String(repeating: "x", count: 257)
            for (location, field) in [
                (#""DE""#, "location"), ("[]", "location"), (#"{"country":"de"}"#, "location.country"),
                (#"{"country":"DEU"}"#, "location.country"), (#"{"country":1}"#, "location.country"),
                (#"{"city":""}"#, "location.city"), (#"{"isp":"a\nb"}"#, "location.isp"),
                (#"{"region":"\#(long)"}"#, "location.region"), (#"{"town":"x"}"#, "location.town"),
                (#"{"\#(long)":"x"}"#, "location"),
            ] {
                let answer = try await front.call(
                    "POST",
                    "/api/sessions",
                    headers: front.service(front.appKey),
                    json: #"{"userId":"a","location":\#(location)}"#
                )
                #expect(answer.status == 422, "\(location): \(answer)")
                #expect(answer.body.contains("\"field\":\"\(field)\""), "\(location): \(answer)")
            }
        }
    }
}
