import Foundation
import GatewayAPI
import SessionCore
import SessionGateway
import TestSupport
import Testing

/// docs/features.md E3: an administrator may end the session asked with, and is told so.
@Suite struct OwnSessionWarningTests {
    private static func decode<Value: Decodable>(_ response: RawResponse) throws -> Value {
        #expect(response.status == 200, "\(response)")
        return try JSONDecoder().decode(Value.self, from: Data(response.body.utf8))
    }

    @Test(
        arguments: [
            ("DELETE", "/api/admin/sessions/ID", nil), ("DELETE", "/api/UserRequest/ID", nil),
            ("DELETE", "/api/admin/sessions?", "userId=root"),
            ("DELETE", "/api/admin/sessions?", "search=ROOT"),
            ("DELETE", "/api/admin/sessions?", "org=acme&since=2001-01-01T00:00:00Z"),
            ("DELETE", "/api/admin/sessions?", "all=true"),
        ] as [(String, String, String?)]
    )
    func whoeverEndsTheirOwnSessionIsTold(_ method: String, _ path: String, _ filter: String?) async throws {
        try await withFront { front in
            for role in ["portcullis:admin", "portcullis:org-admin"] {
                let token = try await front.token("root", roles: [role], organization: "acme")
                let other = try await front.token("other", organization: "acme")
                let headers = front.service(token)
                func call(_ path: String) async throws -> RawResponse {
                    try await front.call(method, path, headers: headers)
                }
                let own = try #require(Token(token)?.sessionID).description
                let otherID = try #require(Token(other)?.sessionID).description
                // Somebody else's session is nothing to warn of.
                if filter == nil {
                    let receipt: ReceiptJSON = try Self.decode(
                        try await call(path.replacing("ID", with: otherID))
                    )
                    #expect(receipt.ended == 1 && receipt.warning == nil)
                } else {
                    let preview: PreviewJSON = try Self.decode(
                        try await call("/api/admin/sessions?userId=other&dryRun=true")
                    )
                    #expect(preview == PreviewJSON(matches: 1))
                    let receipt: ReceiptJSON = try Self.decode(
                        try await call("/api/admin/sessions?userId=other")
                    )
                    #expect(receipt.ended == 1 && receipt.warning == nil)
                }
                var target = path.replacing("ID", with: own)
                if let filter {
                    let preview: PreviewJSON = try Self.decode(
                        try await call(path + filter + "&dryRun=true")
                    )
                    #expect(preview == PreviewJSON(matches: 1, includesOwn: true))
                    let word = role == "portcullis:admin" ? "everyone" : "acme"
                    target += filter + (filter == "all=true" ? "&confirm=\(word)" : "")
                }
                let receipt: ReceiptJSON = try Self.decode(try await call(target))
                #expect(receipt.ended == 1 && receipt.warning == "This has ended your own session")
                #expect(try await call(target).status == 401)
            }
        }
    }

    @Test func serviceKeysHaveNoSessionToWarnOf() async throws {
        try await withFront { front in
            let admin = front.service(front.adminKey)
            let id = try #require(Token(try await front.token("a"))?.sessionID)
            let one = try await front.call("DELETE", "/api/admin/sessions/\(id)", headers: admin)
            #expect(one.status == 200 && !one.body.contains("warning"))
            _ = try await front.token("a")
            let preview = try await front.call(
                "DELETE",
                "/api/admin/sessions?all=true&dryRun=true",
                headers: admin
            )
            #expect(try Self.decode(preview) == PreviewJSON(matches: 1, includesOwn: false))
            let all = try await front.call(
                "DELETE",
                "/api/admin/sessions?all=true&confirm=everyone",
                headers: admin
            )
            #expect(all.status == 200 && !all.body.contains("warning"))
        }
    }
}
