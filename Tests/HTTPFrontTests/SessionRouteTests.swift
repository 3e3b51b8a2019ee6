import Foundation
import GatewayAPI
import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct SessionRouteTests {
    static func decode<Value: Decodable>(_ type: Value.Type, _ response: RawResponse) throws -> Value {
        try JSONDecoder().decode(type, from: Data(response.body.utf8))
    }

    @Test func theLifeOfASession() async throws {
        try await withFront { front in
            let app = front.service(front.appKey)
            let made = try await front.call(
                "POST",
                "/api/sessions",
                headers: app,
                json: """
                    {"userId":"ünal","organization":"acme","roles":["editor"],"factors":["password"],
                     "displayName":"Ü","email":"u@example.org","sessionName":"laptop","loginMethod":"password",
                     "ip":"10.1.2.3","userAgent":"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0","rememberMe":false,"data":{"cart": [1, 2.50]}}
                    """
            )
            #expect(made.status == 201, "\(made)")
            #expect(made["Cache-Control"] == "no-store")
            let created = try Self.decode(CreatedSessionJSON.self, made)
            #expect(created.token.utf8.count == 64)
            let session = created.session
            #expect(session.userId == "ünal" && session.organization == "acme" && session.roles == ["editor"])
            #expect(session.token == "…" + created.token.suffix(8) && session.status == "active")
            #expect(session.loginMethod == "password" && session.factors == ["password"])
            let device = SessionJSON.DeviceJSON(
                browser: "Firefox",
                browserVersion: "128",
                os: "Linux",
                kind: "desktop"
            )
            #expect(session.device == device)
            let id = session.id

            let mine = try await front.call(
                "GET",
                "/api/auth/sessions",
                headers: front.session(created.token)
            )
            let page = try Self.decode(SessionPageJSON.self, mine)
            #expect(page.total == 1 && page.limit == 10 && page.offset == 0)
            #expect(page.sessions.first?.current == true && page.sessions.first?.ip == "10.1.2.3")
            #expect(page.sessions.first?.device == device && page.sessions.first?.duration != nil)
            #expect(!mine.body.contains(created.token))
            let own = try await front.call("GET", "/api/auth/session", headers: front.session(created.token))
            #expect(try Self.decode(SessionJSON.self, own).sessionName == "laptop")

            let data = try await front.call("GET", "/api/sessions/\(id)/data", headers: app)
            #expect(data.body == #"{"cart": [1, 2.50]}"# && data["ETag"] == "\"1\"")
            func put(_ tag: String) async throws -> RawResponse {
                try await front.call(
                    "PUT",
                    "/api/sessions/\(id)/data",
                    headers: app + [("If-Match", tag)],
                    json: "{}"
                )
            }
            #expect(try await put("\"1\"")["ETag"] == "\"2\"")
            let conflict = try await put("\"1\"")
            #expect(conflict.status == 412 && conflict.body.contains("version_conflict"))
            #expect(conflict["ETag"] == "\"2\"")
            #expect(try await put("nonsense").status == 400)

            let renamed = try await front.call(
                "PATCH",
                "/api/sessions/\(id)",
                headers: app,
                json: #"{"sessionName":"desk","roles":["a","b"],"extend":true}"#
            )
            #expect(renamed.status == 200, "\(renamed)")
            #expect(try Self.decode(SessionJSON.self, renamed).sessionName == "desk")
            let check = try await front.call("GET", "/check", headers: front.session(created.token))
            #expect(check["X-Session-Roles"] == "a,b")

            let rotation = try await front.call(
                "POST",
                "/api/sessions/\(id)/rotate",
                headers: app,
                json: "{\"token\":\"\(created.token)\"}"
            )
            let rotated = try Self.decode(RotatedSessionJSON.self, rotation)
            let token = try #require(rotated.token)
            #expect(token != created.token && rotated.session.id == id && !rotated.repeated)

            let ended = try await front.call("DELETE", "/api/sessions/\(id)?reason=test", headers: app)
            let receipt = try Self.decode(ReceiptJSON.self, ended)
            #expect(receipt.ended == 1 && receipt.nodes == receipt.applied + receipt.lapsed)
            #expect(try await front.call("GET", "/check", headers: front.session(token)).status == 401)
            let again = try await front.call("DELETE", "/api/sessions/\(id)", headers: app)
            #expect(again.status == 200)
            #expect(try Self.decode(ReceiptJSON.self, again).ended == 0)
            let shown = try await front.call(
                "GET",
                "/api/admin/sessions/\(id)",
                headers: front.service(front.adminKey)
            )
            let record = try Self.decode(SessionJSON.self, shown)
            let endedAt = try #require(record.endedAt)
            let lived = endedAt.milliseconds - record.createdAt.milliseconds
            #expect(record.duration == Int(lived / 1000))
            #expect(
                record.status == "revoked" && record.endedBy == "key:app" && record.endReason == "test"
            )
        }
    }

    @Test func usersRuleOverTheirOwnSessionsOnly() async throws {
        try await withFront { front in
            let mine = try await front.token("alice")
            let second = try await front.token("alice")
            let third = try await front.token("alice")
            let foreign = try await front.token("bob")
            func id(_ token: String) throws -> String { try #require(Token(token)?.sessionID.description) }
            func end(_ path: String, _ method: String = "DELETE") async throws -> RawResponse {
                let headers = front.session(mine) + [("Sec-Fetch-Site", "same-origin")]
                return try await front.call(method, "/api/auth/" + path, headers: headers)
            }
            let current = try await end("sessions/\(try id(mine))")
            #expect(current.status == 409 && current.body.contains("use_logout"))
            #expect(try await end("sessions/\(try id(foreign))").status == 404)
            #expect(try await front.call("GET", "/check", headers: front.session(foreign)).status == 204)
            #expect(try await end("sessions/nonsense").status == 404)
            #expect(try await end("sessions/\(try id(second))").status == 200)
            #expect(try await front.call("GET", "/check", headers: front.session(second)).status == 401)
            let others = try await end("sessions/others")
            #expect(try Self.decode(ReceiptJSON.self, others).ended == 1)
            #expect(try await front.call("GET", "/check", headers: front.session(third)).status == 401)
            let rotated = try await end("session/rotate", "POST")
            #expect(rotated.status == 200 && !rotated.body.contains("\"token\""))
            let cookie = try #require(rotated["Set-Cookie"])
            #expect(cookie.hasSuffix("; Path=/; HttpOnly; SameSite=Lax") && !cookie.contains("Max-Age"))
            let successor = String(cookie.dropFirst("session_token=".count).prefix(64))
            let own = front.session(successor) + [("Origin", "http://gate.example")]
            let out = try await front.call("POST", "/api/auth/logout", headers: own)
            #expect(out.status == 200 && out["Clear-Site-Data"] == #""cache", "cookies", "storage""#)
            #expect(out["Set-Cookie"] == "session_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax")
            #expect(try Self.decode(ReceiptJSON.self, out).ended == 1)
            #expect(try await front.call("GET", "/check", headers: front.session(successor)).status == 401)
            let all = try await front.call("DELETE", "/api/auth/sessions", headers: front.service(foreign))
            #expect(all.status == 200 && all["Set-Cookie"] == nil)
        }
    }

    @Test func administratorsSeeAndEndEverything() async throws {
        try await withFront { front in
            var tokens: [String] = []
            for index in 0..<12 { tokens.append(try await front.token("u\(index % 3)")) }
            let admin = front.service(front.adminKey)
            func list(_ query: String) async throws -> RawResponse {
                try await front.call("GET", "/api/admin/sessions" + query, headers: admin)
            }
            let first = try Self.decode(SessionPageJSON.self, try await list(""))
            #expect(first.total == 12 && first.sessions.count == 10)
            let rest = try Self.decode(SessionPageJSON.self, try await list("?offset=10&limit=5"))
            #expect(rest.sessions.count == 2)
            let ofUser = try Self.decode(SessionPageJSON.self, try await list("?userId=u1&limit=200"))
            #expect(ofUser.total == 4 && ofUser.sessions.allSatisfy { $0.userId == "u1" })
            let path = try await front.call("GET", "/api/admin/users/u2/sessions", headers: admin)
            #expect(try Self.decode(SessionPageJSON.self, path).total == 4)
            for bad in [
                "?limit=0", "?limit=201", "?offset=-1", "?offset=100001", "?limit=x", "?user=u1",
                "?limit=1&limit=2",
            ] {
                let answer = try await list(bad)
                #expect(answer.status == 400 && answer.body.contains("\"field\""), "\(bad)")
            }
            func end(_ query: String) async throws -> RawResponse {
                try await front.call("DELETE", "/api/admin/sessions" + query, headers: admin)
            }
            for bad in [
                "", "?all=true", "?all=true&confirm=yes", "?userId=u1&all=true&confirm=everyone",
                "?organization=x",
                "?userId=",
            ] {
                #expect(try await end(bad).status == 400, "\(bad)")
            }
            #expect(try Self.decode(PreviewJSON.self, try await end("?userId=u1&dryRun=true")).matches == 4)
            #expect(try Self.decode(ReceiptJSON.self, try await end("?userId=u1")).ended == 4)
            #expect(try await front.call("GET", "/check", headers: front.session(tokens[1])).status == 401)
            #expect(try await front.call("GET", "/check", headers: front.session(tokens[0])).status == 204)
            #expect(try await end("?all=true&confirm=everyone").status == 200)
            for token in tokens {
                #expect(try await front.call("GET", "/check", headers: front.session(token)).status == 401)
            }
            let nodes = try await front.call("GET", "/api/admin/nodes", headers: admin)
            #expect(try Self.decode(NodesJSON.self, nodes).nodes.contains { $0.current && $0.live })
        }
    }

    @Test func theLimitIsToldAndFixationEnds() async throws {
        try await withFront(adjustGateway: {
            $0.policy.maximumSessions = 1
            $0.policy.limitBehaviour = .deny
        }) { front in
            let app = front.service(front.appKey)
            let first = try await front.call("POST", "/api/sessions", headers: app, json: #"{"userId":"a"}"#)
            let token = try Self.decode(CreatedSessionJSON.self, first).token
            let denied = try await front.call("POST", "/api/sessions", headers: app, json: #"{"userId":"a"}"#)
            #expect(denied.status == 409 && denied.body.contains("\"code\":\"limit_reached\""))
            let other = try await front.call(
                "POST",
                "/api/sessions",
                headers: app,
                json: #"{"userId":"a","presentedToken":"\#(token)"}"#
            )
            let created = try Self.decode(CreatedSessionJSON.self, other)
            #expect(created.replaced == Token(token)?.sessionID.description)
            #expect(try await front.call("GET", "/check", headers: front.session(token)).status == 401)
        }
    }
}
