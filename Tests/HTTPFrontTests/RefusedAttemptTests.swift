import Foundation
import GatewayAPI
import HTTPFront
import ServiceKeys
import SessionCore
import SessionGateway
import TestSupport
import Testing

/// Which attempts go into the audit log, and what stands there of them.
@Suite struct RefusedAttemptTests {
    @Test func refusedAttemptsAreRecorded() async throws {
        try await withFront(adjustGateway: {
            $0.policy.maximumSessions = 1
            $0.policy.limitBehaviour = .deny
        }) { front in
            let app = front.service(front.appKey)
            let alice = try await AuditRouteTests.create(front, #"{"userId":"alice","organization":"acme"}"#)
            let bob = try await AuditRouteTests.create(front, #"{"userId":"bob"}"#)
            let gone = try await AuditRouteTests.create(front, #"{"userId":"gone"}"#)
            _ = try await front.call("DELETE", "/api/sessions/\(gone.session.id)", headers: app)
            let own = front.service(alice.token)
            let (a, b) = (alice.session.id, bob.session.id)
            struct Row {
                let method: String
                let path: String
                let headers: [(String, String)]
                var json: String?
                let status: Int
                let code: String
                var call: String?
                var actor: String?
                var user: String?
                var session: String?
            }
            let rows = [
                Row(
                    method: "DELETE",
                    path: "/api/admin/sessions/\(b)",
                    headers: [],
                    status: 401,
                    code: "unauthenticated",
                    call: "DELETE /api/admin/sessions/{id}",
                    session: b
                ),
                Row(
                    method: "DELETE",
                    path: "/api/admin/sessions/\(b)",
                    headers: own,
                    status: 403,
                    code: "forbidden",
                    call: "DELETE /api/admin/sessions/{id}",
                    actor: "alice",
                    user: "alice",
                    session: b
                ),
                Row(
                    method: "GET",
                    path: "/api/admin/nodes",
                    headers: own,
                    status: 403,
                    code: "forbidden",
                    actor: "alice",
                    user: "alice",
                    session: a
                ),
                Row(
                    method: "GET",
                    path: "/api/admin/nodes",
                    headers: app,
                    status: 403,
                    code: "insufficient_scope",
                    actor: "key:app"
                ),
                Row(
                    method: "DELETE",
                    path: "/api/sessions/\(b)",
                    headers: front.service(front.checkKey),
                    status: 403,
                    code: "insufficient_scope",
                    call: "DELETE /api/sessions/{id}",
                    actor: "key:checker",
                    session: b
                ),
                Row(
                    method: "DELETE",
                    path: "/api/auth/sessions/\(a)",
                    headers: own,
                    status: 409,
                    code: "use_logout",
                    call: "DELETE /api/auth/sessions/{id}",
                    actor: "alice",
                    user: "alice",
                    session: a
                ),
                Row(
                    method: "DELETE",
                    path: "/api/auth/sessions/\(b)",
                    headers: own,
                    status: 404,
                    code: "not_found",
                    call: "DELETE /api/auth/sessions/{id}",
                    actor: "alice",
                    user: "alice",
                    session: b
                ),
                Row(
                    method: "POST",
                    path: "/api/auth/logout",
                    headers: front.service(gone.token),
                    status: 401,
                    code: "session_expired",
                    session: gone.session.id
                ),
                Row(
                    method: "DELETE",
                    path: "/api/auth/sessions",
                    headers: front.session(alice.token) + [("Origin", "https://evil.example")],
                    status: 403,
                    code: "csrf"
                ),
                Row(
                    method: "POST",
                    path: "/api/sessions",
                    headers: app,
                    json: #"{"userId":"alice"}"#,
                    status: 409,
                    code: "limit_reached",
                    actor: "key:app",
                    user: "alice"
                ),
                // A change, though the scope is that of checks.
                Row(
                    method: "POST",
                    path: "/api/sessions/\(b)/activity",
                    headers: [],
                    json: #"{"action":"x"}"#,
                    status: 401,
                    code: "unauthenticated",
                    call: "POST /api/sessions/{id}/activity",
                    session: b
                ),
                Row(
                    method: "POST",
                    path: "/api/sessions/\(b)/activity",
                    headers: front.service(front.scopeKeys[.create] ?? ""),
                    json: #"{"action":"x"}"#,
                    status: 403,
                    code: "insufficient_scope",
                    call: "POST /api/sessions/{id}/activity",
                    actor: "key:only-create",
                    session: b
                ),
            ]
            var codes: [String] = []
            for row in rows {
                let answer = try await front.call(row.method, row.path, headers: row.headers, json: row.json)
                #expect(answer.status == row.status, "\(row.method) \(row.path): \(answer)")
                let problem = try SessionRouteTests.decode(ProblemJSON.self, answer)
                codes.append(problem.code)
            }
            // Neither checks nor mistakes are attempts at anything.
            _ = try await front.call("GET", "/check", headers: [])
            _ = try await front.call("GET", "/api/auth/session", headers: [])
            _ = try await front.call("POST", "/api/sessions", headers: app, json: #"{"userId":""}"#)
            _ = try await front.call(
                "DELETE",
                "/api/admin/sessions/x",
                headers: front.service(front.adminKey)
            )
            _ = try await front.call("POST", "/api/sessions/check", headers: [], json: #"{"token":"x"}"#)
            _ = try await front.call("GET", "/api/sessions/\(b)/data", headers: [])
            let form = [("Content-Type", "application/x-www-form-urlencoded")]
            let asked = try await front.call("POST", "/oauth2/introspect", headers: form, body: "token=x")
            #expect(asked.status == 401, "\(asked)")

            let entries = Array(
                try await AuditRouteTests.entries(front, rows.count, "?kind=refused").reversed()
            )
            for ((row, entry), code) in zip(zip(rows, entries), codes) {
                #expect(entry.code == code && (row.code == "session_expired" || code == row.code), "\(entry)")
                #expect(entry.call == row.call ?? "\(row.method) \(row.path)", "\(entry)")
                if row.code != "csrf" {
                    #expect(entry.actor == row.actor && entry.user == row.user, "\(entry)")
                    #expect(entry.session == row.session, "\(entry)")
                }
                #expect(entry.from == "127.0.0.1", "\(entry)")
            }
            #expect(entries.last?.organization == nil && entries[1].organization == "acme")
        }
    }
}
