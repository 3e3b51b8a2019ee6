import Foundation
import GatewayAPI
import HTTPFront
import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct OrganizationTests {
    private static func decode<Value: Decodable>(_ response: RawResponse) throws -> Value {
        #expect(response.status == 200, "\(response)")
        return try JSONDecoder().decode(Value.self, from: Data(response.body.utf8))
    }

    /// Twelve sessions of acme, six of beta, three of none, of four users who are everywhere.
    private static func fill(_ front: FrontFixture) async throws -> [String: [SessionID]] {
        var sessions: [String: [SessionID]] = [:]
        for (organization, count) in [("acme", 12), ("beta", 6), ("", 3)] {
            for number in 0..<count {
                var new = NewSession(user: try UserID("u\(number % 4)"))
                new.organization = organization.isEmpty ? nil : organization
                new.details.ipAddress = "10.0.0.\(number)"
                sessions[organization, default: []].append(try await front.gateway.create(new).session.id)
            }
        }
        return sessions
    }

    @Test func administratorsOfAnOrganizationSeeItsSessionsOnly() async throws {
        try await withFront(adjustGateway: { $0.policy.maximumSessions = 0 }) { front in
            let sessions = try await Self.fill(front)
            let own = Set(try #require(sessions["acme"]).map(\.description))
            let root = try await front.token("it", roles: ["portcullis:org-admin"], organization: "acme")
            let rootID = try #require(Token(root)?.sessionID).description
            for (headers, all) in [
                (front.service(front.organizationKey), own.union([rootID])),
                (front.session(root), own.union([rootID])),
            ] {
                func list(_ path: String) async throws -> SessionPageJSON {
                    try Self.decode(try await front.call("GET", path, headers: headers))
                }
                for query in ["", "&org=acme", "&includeEnded=true", "&sort=created", "&sort=-user"] {
                    let page = try await list("/api/admin/sessions?limit=200" + query)
                    #expect(Set(page.sessions.map(\.id)) == all && page.total == 13, "\(query)")
                }
                let pages = try await list("/api/admin/sessions?limit=5&offset=3")
                #expect(pages.sessions.count == 5 && all.isSuperset(of: pages.sessions.map(\.id)))
                let more = try await list("/api/admin/sessions?cursor=\(try #require(pages.nextCursor))")
                #expect(more.sessions.count == 5 && all.isSuperset(of: more.sessions.map(\.id)))
                let user = try await list("/api/admin/users/u1/sessions")
                #expect(user.total == 3 && own.isSuperset(of: user.sessions.map(\.id)))
                // A user of whom the organization has nothing is one whom nobody knows.
                let stranger = try await list("/api/admin/users/nobody/sessions")
                #expect(stranger.sessions.isEmpty && stranger.total == 0)
                for path in [
                    "/api/admin/sessions?org=beta", "/api/admin/sessions?org=Acme",
                    "/api/admin/users/u1/sessions?org=beta",
                ] {
                    let answer = try await front.call("GET", path, headers: headers)
                    #expect(answer.status == 403 && answer.body.contains("\"code\":\"forbidden\""))
                }
                let requests = try await front.call("GET", "/api/UserRequests", headers: headers)
                let records: [UserRequestJSON] = try Self.decode(requests)
                #expect(Set(records.map(\.requestId)) == all && requests["X-Total-Count"] == "13")
            }
        }
    }

    @Test func theyEndItsSessionsOnly() async throws {
        try await withFront(adjustGateway: { $0.policy.maximumSessions = 0 }) { front in
            let sessions = try await Self.fill(front)
            let own = try #require(sessions["acme"])
            let headers = front.service(front.organizationKey)
            func end(_ path: String) async throws -> RawResponse {
                try await front.call("DELETE", path, headers: headers)
            }
            func alive(_ organization: String) async throws -> Int {
                var filter = SessionListRequest()
                filter.limit = 200
                return try await front.gateway.list(filter).sessions.count {
                    ($0.session.organization ?? "") == organization
                }
            }
            let receipt: ReceiptJSON = try Self.decode(
                try await end("/api/admin/sessions/\(own[0])?reason=lost")
            )
            #expect(receipt.ended == 1 && receipt.warning == nil)
            let shown = try await front.gateway.session(own[0])
            #expect(shown?.end?.ending.actor == "key:acme-it" && shown?.end?.ending.reason == "lost")
            // Repeated, it is confirmed again; of another organization, it is unknown.
            let again: ReceiptJSON = try Self.decode(try await end("/api/admin/sessions/\(own[0])"))
            #expect(again.ended == 0)
            let preview: PreviewJSON = try Self.decode(
                try await end("/api/admin/sessions?userId=u1&dryRun=true")
            )
            #expect(preview == PreviewJSON(matches: 3))
            for (query, ended) in [
                ("userId=u1", 3), ("ip=10.0.0.0/30", 2), ("org=acme&search=u2", 2), ("userId=u1", 0),
            ] {
                let receipt: ReceiptJSON = try Self.decode(try await end("/api/admin/sessions?" + query))
                #expect(receipt.ended == ended && receipt.nodes == 1, "\(query)")
            }
            #expect(try await alive("beta") == 6)
            #expect(try await alive("") == 3)
            for (query, status) in [
                ("org=beta", 403), ("all=true", 400), ("all=true&confirm=everyone", 400),
                ("all=true&confirm=beta", 400), ("all=true&confirm=Acme", 400), ("", 400),
            ] {
                #expect(try await end("/api/admin/sessions?" + query).status == status, "\(query)")
            }
            let left = try await alive("acme")
            #expect(left == 4)
            let whole: PreviewJSON = try Self.decode(
                try await end("/api/admin/sessions?all=true&dryRun=true")
            )
            #expect(whole.matches == left)
            let all: ReceiptJSON = try Self.decode(
                try await end("/api/admin/sessions?all=true&confirm=acme")
            )
            #expect(all.ended == left)
            #expect(try await alive("acme") == 0)
            #expect(try await alive("beta") == 6)
            #expect(try await alive("") == 3)
        }
    }

    @Test func theRoleAloneOpensNothingAndBothRolesOpenAll() async throws {
        try await withFront(adjustFront: { $0.organizationAdministratorRole = "lead" }) { front in
            for (roles, organization, status) in [
                (["lead"], "acme", 200), (["lead"], nil, 403), (["portcullis:org-admin"], "acme", 403),
                ([], "acme", 403), (["lead", "portcullis:admin"], nil, 200),
            ] as [([String], String?, Int)] {
                let token = try await front.token("x", roles: roles, organization: organization)
                let answer = try await front.call("GET", "/api/admin/sessions", headers: front.session(token))
                #expect(answer.status == status, "\(roles) of \(organization ?? "none")")
            }
            let both = try await front.token("y", roles: ["lead", "portcullis:admin"], organization: "acme")
            let nodes = try await front.call("GET", "/api/admin/nodes", headers: front.session(both))
            #expect(nodes.status == 200)
        }
    }

    /// Whoever loses the organization or the role loses the reach with the next request.
    @Test func whoIsMovedReachesTheOldOrganizationNoMore() async throws {
        try await withFront { front in
            let token = try await front.token("it", roles: ["portcullis:org-admin"], organization: "acme")
            let id = try #require(Token(token)?.sessionID)
            let acme = try #require(Token(try await front.token("a", organization: "acme"))?.sessionID)
            let beta = try #require(Token(try await front.token("b", organization: "beta"))?.sessionID)
            func status(_ id: SessionID) async throws -> Int {
                try await front.call("GET", "/api/admin/sessions/\(id)", headers: front.session(token)).status
            }
            #expect(try await status(acme) == 200)
            #expect(try await status(beta) == 404)
            var change = SessionChange()
            change.organization = "beta"
            _ = try await front.gateway.update(id, change)
            #expect(try await status(acme) == 404)
            #expect(try await status(beta) == 200)
            change.roles = []
            _ = try await front.gateway.update(id, change)
            #expect(try await status(beta) == 403)
        }
    }
}
