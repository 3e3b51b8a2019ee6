import Foundation
import GatewayAPI
import SessionCore
import SessionGateway
import TestSupport
import Testing

/// Step-up (docs/features.md S10; ASVS 7.5.3: sensitive acts ask for a new or another authentication).
@Suite struct StepUpTests {
    @Test func asvs753ACheckDemandsFreshnessAndFactors() async throws {
        try await withFront { front in
            var new = NewSession(user: try UserID("alice"))
            new.factors = ["password", "sms"]
            let token = try await front.gateway.create(new).token.text
            let table: [(String, Int)] = [
                ("", 204), ("?maxAuthAge=300", 204), ("?maxAuthAge=0", 403), ("?factor=password", 204),
                ("?factor=otp", 403), ("?factor=otp,sms", 204), ("?factor=PASSWORD", 403),
                ("?maxAuthAge=300&factor=otp", 403), ("?maxAuthAge=0&factor=password", 403),
                ("?maxAuthAge=x", 400), ("?maxAuthAge=-1", 400), ("?maxAuthAge=", 400), ("?factor=", 400),
                ("?factor=otp,", 400), ("?maxAuthAge=34560001", 400), ("?maxAge=300", 400),
                ("?factor=otp&factor=password", 400),
            ]
            for (query, status) in table {
                for headers in [front.session(token), front.service(token)] {
                    for method in ["GET", "POST"] {
                        let answer = try await front.call(method, "/check" + query, headers: headers)
                        #expect(answer.status == status, "\(method) \(query): \(answer)")
                        guard status == 403 else { continue }
                        #expect(answer.body.contains("\"code\":\"reauthentication_required\""))
                        #expect(
                            answer["WWW-Authenticate"]?.contains("error=\"insufficient_user_authentication\"")
                                == true
                        )
                        #expect(answer["X-Session-User"] == nil && answer["Cache-Control"] == "no-store")
                    }
                }
                // Who is not logged in is told that, whatever is demanded.
                #expect(try await front.call("GET", "/check" + query).status == 401)
            }
        }
    }

    @Test func asvs753ANewAuthenticationIsRecorded() async throws {
        try await withFront { front in
            var new = NewSession(user: try UserID("alice"))
            new.factors = ["password"]
            let created = try await front.gateway.create(new)
            let app = front.service(front.appKey)
            let path = "/api/sessions/\(created.session.id)"
            func otp() async throws -> Int {
                let query = "/check?factor=otp&maxAuthAge=300"
                return try await front.call("GET", query, headers: front.session(created.token.text)).status
            }
            // Near-cached, so that the change has to reach the copy.
            #expect(
                try await front.call("GET", "/check", headers: front.session(created.token.text)).status
                    == 204
            )
            #expect(try await otp() == 403)
            let answer = try await front.call(
                "PATCH",
                path,
                headers: app,
                json: #"{"addFactors":["otp","password"]}"#
            )
            #expect(answer.status == 200, "\(answer)")
            let changed = try SessionRouteTests.decode(SessionJSON.self, answer)
            #expect(changed.factors == ["password", "otp"])
            #expect(changed.authenticatedAt.milliseconds >= created.session.authenticatedAt.milliseconds)
            #expect(try await otp() == 204)
            let check = try await front.call("GET", "/check", headers: front.session(created.token.text))
            #expect(check["X-Session-Factors"] == "password,otp")
            // Without a new factor, only the time moves.
            let before = changed.authenticatedAt.milliseconds
            var again = before
            while again == before {
                let answer = try await front.call(
                    "PATCH",
                    path,
                    headers: app,
                    json: #"{"reauthenticated":true}"#
                )
                let session = try SessionRouteTests.decode(SessionJSON.self, answer)
                #expect(session.factors == ["password", "otp"])
                again = session.authenticatedAt.milliseconds
            }
            #expect(again > before)
            for (json, status) in [
                (#"{"addFactors":["a,b"]}"#, 422), (#"{"addFactors":[""]}"#, 422),
                (#"{"addFactors":"otp"}"#, 422),
                (#"{"addFactors":["otp"],"factors":["otp"]}"#, 422), (#"{"reauthenticated":1}"#, 422),
            ] {
                #expect(
                    try await front.call("PATCH", path, headers: app, json: json).status == status,
                    "\(json)"
                )
            }
            let session = front.session(created.token.text)
            #expect(try await front.call("PATCH", path, headers: session, json: "{}").status == 401)
        }
    }

    @Test func theEightLastFactorsStay() async throws {
        try await withFront { front in
            let created = try await front.gateway.create(NewSession(user: try UserID("alice")))
            let path = "/api/sessions/\(created.session.id)"
            for names in ["a", "b,c,d,e", "b,f,g,h,i,j"] {
                let list = names.split(separator: ",").map { "\"\($0)\"" }.joined(separator: ",")
                let answer = try await front.call(
                    "PATCH",
                    path,
                    headers: front.service(front.appKey),
                    json: "{\"addFactors\":[\(list)]}"
                )
                #expect(answer.status == 200, "\(answer)")
            }
            let session = try #require(try await front.gateway.session(created.session.id)).session
            #expect(session.factors == ["c", "d", "e", "f", "g", "h", "i", "j"])
            let check = try await front.call("GET", "/check", headers: front.session(created.token.text))
            #expect(check["X-Session-Factors"] == "c,d,e,f,g,h,i,j")
        }
    }

    @Test func checksInJSONDemandToo() async throws {
        try await withFront { front in
            var new = NewSession(user: try UserID("alice"))
            new.factors = ["password"]
            let token = try await front.gateway.create(new).token.text
            func check(_ json: String) async throws -> RawResponse {
                try await front.call(
                    "POST",
                    "/api/sessions/check",
                    headers: front.service(front.checkKey),
                    json: json
                )
            }
            let good = try await check(
                "{\"token\":\"\(token)\",\"maxAuthAge\":300,\"factors\":[\"password\"]}"
            )
            #expect(good.status == 200 && good.body.contains("\"active\":true"))
            let bad = try await check("{\"token\":\"\(token)\",\"factors\":[\"otp\"]}")
            #expect(bad.status == 403 && bad.body.contains("\"code\":\"reauthentication_required\""))
            let many = try await check("{\"tokens\":[\"\(token)\",\"x\"],\"maxAuthAge\":0}")
            #expect(many.status == 200 && !many.body.contains("\"active\":true"))
            #expect(many.body.contains("reauthentication_required") && many.body.contains("invalid_session"))
            for rest in ["\"maxAuthAge\":-1", "\"factors\":[]", "\"factors\":[\"\"]", "\"maxAuthAge\":1.5"] {
                #expect(try await check("{\"token\":\"\(token)\",\(rest)}").status == 422, "\(rest)")
            }
        }
    }
}
