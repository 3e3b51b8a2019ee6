import Foundation
import GatewayAPI
import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct ListRouteTests {
    private static func decode<Value: Decodable>(_ response: RawResponse) throws -> Value {
        #expect(response.status == 200, "\(response)")
        return try JSONDecoder().decode(Value.self, from: Data(response.body.utf8))
    }

    /// Thirty sessions of five users.
    private static func fill(_ front: FrontFixture) async throws -> [CreatedSession] {
        var created: [CreatedSession] = []
        for number in 0..<30 {
            var new = NewSession(user: try UserID("user \(number % 5)"))
            new.organization = number % 2 == 0 ? "acme & co" : nil
            new.details.ipAddress = number % 3 == 0 ? "192.0.2.\(number)" : "2001:db8::\(number)"
            new.details.loginMethod = number % 6 == 0 ? "sso" : "password"
            new.details.email = "N\(number)@example.org"
            new.details.userAgent = "curl/8.\(number)"
            created.append(try await front.gateway.create(new))
        }
        return created
    }

    @Test func filtersSearchAndPages() async throws {
        try await withFront { front in
            let sessions = try await Self.fill(front)
            let admin = front.service(front.adminKey)
            func list(_ query: String) async throws -> SessionPageJSON {
                try Self.decode(
                    try await front.call("GET", "/api/admin/sessions?limit=200&" + query, headers: admin)
                )
            }
            func expect(_ query: String, _ isMeant: (Int) -> Bool) async throws {
                let page = try await list(query)
                let expected = sessions.indices.filter(isMeant).map { sessions[$0].session.id.description }
                #expect(Set(page.sessions.map(\.id)) == Set(expected), "\(query)")
                #expect(page.total == expected.count && !page.partial && page.nextCursor == nil, "\(query)")
            }
            let time = sessions[10].session.createdAt
            let text = WireTime(milliseconds: time.milliseconds).description
            try await expect("userId=user%203") { $0 % 5 == 3 }
            try await expect("org=acme+%26+co") { $0 % 2 == 0 }
            try await expect("ip=192.0.2.0/24") { $0 % 3 == 0 }
            try await expect("ip=192.0.2.12") { $0 == 12 }
            try await expect("ip=2001:db8::/32") { $0 % 3 != 0 }
            try await expect("since=\(text)") { sessions[$0].session.createdAt >= time }
            try await expect("until=\(text)") { sessions[$0].session.createdAt < time }
            try await expect("since=\(text.dropLast())%2B00:00") { sessions[$0].session.createdAt >= time }
            try await expect("loginMethod=sso") { $0 % 6 == 0 }
            try await expect("search=n17@EXAMPLE") { $0 == 17 }
            try await expect("search=CURL/8.2") { $0 == 2 || $0 >= 20 }
            try await expect("loginMethod=sso&org=acme%20%26%20co&userId=user%200") { $0 == 0 }
            let oldest = try await list("sort=created").sessions.map(\.id)
            #expect(oldest == (try await list("sort=-created").sessions.map(\.id)).reversed())
            #expect(oldest.first == sessions[0].session.id.description)

            var seen: [String] = []
            var cursor = ""
            for _ in 0..<20 {
                let page: SessionPageJSON = try Self.decode(
                    try await front.call("GET", "/api/admin/sessions?limit=7\(cursor)", headers: admin)
                )
                seen += page.sessions.map(\.id)
                #expect(page.total == 30)
                guard let next = page.nextCursor else { break }
                cursor = "&cursor=\(next)"
            }
            #expect(seen == oldest.reversed())
        }
    }

    @Test func endedSessionsByStatus() async throws {
        try await withFront { front in
            let sessions = try await Self.fill(front)
            let admin = front.service(front.adminKey)
            _ = try await front.gateway.end(sessions[0].session.id, Ending(.revoked))
            _ = try await front.gateway.end(sessions[1].session.id, Ending(.loggedOut))
            let token = sessions[5].token.text
            for (path, headers, all) in [
                ("/api/admin/sessions", admin, 30), ("/api/admin/users/user%200/sessions", admin, 6),
                ("/api/auth/sessions", front.session(token), 6),
            ] {
                func total(_ query: String) async throws -> Int? {
                    let page: SessionPageJSON = try Self.decode(
                        try await front.call("GET", path + "?limit=50" + query, headers: headers)
                    )
                    #expect(page.total == page.sessions.count)
                    #expect(Set(page.sessions.map(\.id)).count == page.sessions.count)
                    return page.total
                }
                let gone = all == 30 ? 2 : 1
                #expect(try await total("") == all - gone)
                #expect(try await total("&includeEnded=true") == all)
                #expect(try await total("&includeEnded=false") == all - gone)
                #expect(try await total("&status=revoked") == 1)
                #expect(try await total("&status=revoked,logged-out") == gone)
                #expect(try await total("&status=active,revoked,logged-out") == all)
                #expect(try await total("&status=evicted") == 0)
                #expect(try await total("&status=expired-idle,expired-absolute,replaced,token-reused") == 0)
            }
        }
    }

    @Test func wrongParametersAreNamed() async throws {
        try await withFront { front in
            let admin = front.service(front.adminKey)
            let token = try await front.token()
            _ = try await Self.fill(front)
            let page: SessionPageJSON = try Self.decode(
                try await front.call("GET", "/api/admin/sessions", headers: admin)
            )
            let cursor = try #require(page.nextCursor)
            let rows: [(String, String)] = [
                ("ip=1.2.3", "ip"), ("ip=1.2.3.4/33", "ip"), ("ip=", "ip"), ("ip=::/129", "ip"),
                ("since=yesterday", "since"), ("since=2027-01-01", "since"), ("until=", "until"),
                ("since=2027-01-02T00:00:00Z&until=2027-01-02T00:00:00Z", "until"),
                ("status=dead", "status"), ("status=", "status"), ("status=active,", "status"),
                ("status=active&includeEnded=true", "status"), ("search=", "search"),
                ("search=a%00b", "search"), ("search=" + String(repeating: "x", count: 257), "search"),
                ("org=", "org"), ("loginMethod=%0A", "loginMethod"), ("sort=name", "sort"), ("sort=", "sort"),
                ("cursor=", "cursor"), ("cursor=x", "cursor"),
                ("cursor=" + String(repeating: "A", count: 32), "cursor"),
                ("cursor=\(cursor)&offset=1", "cursor"), ("cursor=\(cursor)&sort=created", "cursor"),
                ("cursor=\(cursor)&status=revoked", "cursor"), ("user=x", "user"), ("limit=0", "limit"),
            ]
            for (query, name) in rows {
                let answer = try await front.call("GET", "/api/admin/sessions?" + query, headers: admin)
                #expect(answer.status == 400, "\(query): \(answer)")
                #expect(answer.body.contains("\"field\":\"\(name)\""), "\(query): \(answer)")
            }
            for path in ["/api/admin/users/x/sessions", "/api/auth/sessions"] {
                let headers = path.contains("admin") ? admin : front.session(token)
                let answer = try await front.call("GET", path + "?userId=alice", headers: headers)
                #expect(answer.status == 400 && answer.body.contains("\"field\":\"userId\""))
            }
        }
    }

    @Test func endingManyTellsItsProgress() async throws {
        try await withFront(adjustGateway: { $0.policy.maximumSessions = 0 }) { front in
            for number in 0..<40 { _ = try await front.token("p\(number)", organization: "acme") }
            let admin = front.service(front.adminKey)
            func lines(_ query: String) async throws -> [EndingProgressJSON] {
                let answer = try await front.call("DELETE", "/api/admin/sessions?" + query, headers: admin)
                #expect(answer.status == 200 && answer["Content-Type"] == "application/jsonl", "\(answer)")
                return try answer.body.split(separator: "\n").map {
                    try JSONDecoder().decode(EndingProgressJSON.self, from: Data($0.utf8))
                }
            }
            let told = try await lines("org=acme&progress=true")
            let numbers = told.compactMap(\.ended)
            #expect(numbers == numbers.sorted() && numbers.last == 40, "\(told)")
            #expect(told.last?.receipt?.ended == 40 && told.filter { $0.receipt != nil }.count == 1)
            // What has no steps has a receipt.
            for query in ["userId=nobody&progress=true", "all=true&confirm=everyone&progress=true"] {
                #expect(try await lines(query).map { $0.receipt?.ended } == [0])
            }
            let plain = try await front.call(
                "DELETE",
                "/api/admin/sessions?org=acme&progress=maybe",
                headers: admin
            )
            #expect(plain.status == 400)
        }
    }

    @Test func endingByFilterAfterAPreview() async throws {
        try await withFront { front in
            let sessions = try await Self.fill(front)
            let admin = front.service(front.adminKey)
            func end(_ query: String) async throws -> RawResponse {
                try await front.call("DELETE", "/api/admin/sessions?" + query, headers: admin)
            }
            func status(_ number: Int) async throws -> Int {
                let headers = front.session(sessions[number].token.text)
                return try await front.call("GET", "/check", headers: headers).status
            }
            let preview: PreviewJSON = try Self.decode(try await end("ip=192.0.2.0/24&dryRun=true"))
            #expect(preview == PreviewJSON(matches: 10))
            #expect(try await status(3) == 204)
            let receipt: ReceiptJSON = try Self.decode(try await end("ip=192.0.2.0/24&reason=stolen"))
            #expect(receipt.ended == 10 && receipt.nodes == 1 && receipt.applied + receipt.lapsed == 1)
            #expect(try await status(3) == 401)
            #expect(try await status(4) == 204)
            let shown: SessionJSON = try Self.decode(
                try await front.call(
                    "GET",
                    "/api/admin/sessions/\(sessions[3].session.id)",
                    headers: admin
                )
            )
            #expect(shown.status == "revoked" && shown.endedBy == "key:boss" && shown.endReason == "stolen")
            for (query, ended) in [
                ("search=n7@", 1), ("org=acme%20%26%20co", 10), ("loginMethod=sso", 0),
                ("since=2001-01-01T00:00:00Z", 9), ("userId=user%201&loginMethod=password", 0),
            ] {
                let preview: PreviewJSON = try Self.decode(try await end(query + "&dryRun=true"))
                #expect(preview.matches == ended && !preview.partial, "\(query)")
                let receipt: ReceiptJSON = try Self.decode(try await end(query))
                #expect(receipt.ended == ended && receipt.nodes == 1, "\(query)")
            }
            for bad in [
                "", "dryRun=true", "org=x&all=true", "org=x&all=true&confirm=everyone", "org=",
                "status=active", "status=revoked&userId=x", "limit=1&userId=x", "ip=1", "all=true",
                "all=true&confirm=yes", "reason=x",
            ] {
                #expect(try await end(bad).status == 400, "\(bad)")
            }
            let everyone: PreviewJSON = try Self.decode(try await end("all=true&dryRun=true"))
            #expect(everyone.matches == 0)
            #expect(try await end("all=true&confirm=everyone").status == 200)
        }
    }
}
