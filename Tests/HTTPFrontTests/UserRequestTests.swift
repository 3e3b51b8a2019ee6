import Foundation
import GatewayAPI
import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct UserRequestTests {
    @Test func recordsAreInTheirShape() async throws {
        try await withFront { front in
            let admin = front.service(front.adminKey)
            let made = try await front.call(
                "POST",
                "/api/sessions",
                headers: front.service(front.appKey),
                json:
                    #"{"userId":"u1","email":"u@example.org","sessionName":"laptop","ip":"10.1.2.3","userAgent":"M"}"#
            )
            let created = try SessionRouteTests.decode(CreatedSessionJSON.self, made)
            let bare = try await front.token("u2")
            func list(_ query: String = "") async throws -> (RawResponse, [UserRequestJSON]) {
                let answer = try await front.call("GET", "/api/UserRequests" + query, headers: admin)
                return (answer, try SessionRouteTests.decode([UserRequestJSON].self, answer))
            }
            let (answer, records) = try await list()
            #expect(answer.status == 200 && answer["X-Total-Count"] == "2")
            // Newest first; two of the same millisecond in any order.
            let first = try #require(records.first { $0.requestId == created.session.id })
            #expect(first.userEmail == "u@example.org" && first.sessionName == "laptop" && first.isActive)
            #expect(first.ipAddress == "10.1.2.3" && first.userAgent == "M")
            #expect(
                first.createdAt == created.session.createdAt
                    && first.lastActivity.milliseconds >= first.createdAt.milliseconds
            )
            let second = try #require(records.first { $0.requestId != created.session.id })
            #expect(second.userEmail == "u2" && second.sessionName.isEmpty && second.ipAddress.isEmpty)
            let keys = try JSONDecoder().decode([JSONValue].self, from: Data(answer.body.utf8)).map { value in
                if case .object(let members) = value { members.keys.sorted() } else { [String]() }
            }
            #expect(
                keys.first == [
                    "createdAt", "ipAddress", "isActive", "lastActivity", "requestId", "sessionName",
                    "userAgent",
                    "userEmail",
                ]
            )

            let path = "/api/UserRequest/\(created.session.id)"
            let ended = try await front.call("DELETE", path, headers: admin)
            #expect(try SessionRouteTests.decode(ReceiptJSON.self, ended).ended == 1)
            #expect(
                try await front.call("GET", "/check", headers: front.session(created.token)).status == 401
            )
            #expect(try await front.call("GET", "/check", headers: front.session(bare)).status == 204)
            let (_, after) = try await list()
            #expect(after.first { $0.requestId == created.session.id }?.isActive == false)
            #expect(try await front.call("DELETE", "/api/UserRequest/x", headers: admin).status == 404)
        }
    }

    @Test func manyComeInOneAnswer() async throws {
        try await withFront(adjustGateway: { $0.policy.maximumSessions = 0 }) { front in
            for _ in 0..<450 { _ = try await front.token("u", keepWarm: false) }
            for (query, count) in [
                ("", 450), ("?limit=7", 7), ("?limit=300&offset=300", 150), ("?offset=450", 0),
            ] {
                let answer = try await front.call(
                    "GET",
                    "/api/UserRequests" + query,
                    headers: front.service(front.adminKey)
                )
                let records = try SessionRouteTests.decode([UserRequestJSON].self, answer)
                #expect(Set(records.map(\.requestId)).count == count && records.count == count, "\(query)")
                #expect(answer["X-Total-Count"] == "450")
            }
        }
    }

    /// The sentences that clients of `/api/auth/sessions` show.
    @Test func selfServiceAnswersInTheKnownSentences() async throws {
        try await withFront { front in
            let token = try await front.token("alice")
            let id = try #require(Token(token)?.sessionID)
            let calls = [
                ("GET", "/api/auth/sessions"), ("DELETE", "/api/auth/sessions/\(id)"),
                ("DELETE", "/api/auth/sessions/others"),
            ]
            _ = try await front.gateway.end(id, Ending(.revoked))
            let page = [("Sec-Fetch-Site", "same-origin")]
            for (method, path) in calls {
                let expired = try await front.call(method, path, headers: front.session(token) + page)
                #expect(expired.status == 401 && expired.body.contains(#""error":"Session expired""#))
                let invalid = try await front.call(method, path, headers: front.session("x"))
                #expect(invalid.status == 401 && invalid.body.contains(#""error":"Invalid session""#))
            }
        }
    }
}
