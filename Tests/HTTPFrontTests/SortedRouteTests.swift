import Foundation
import GatewayAPI
import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct SortedRouteTests {
    private static let agents = [
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "curl/8.5.0",
    ]

    private static func fill(_ front: FrontFixture) async throws -> [SessionID] {
        var ids: [SessionID] = []
        for number in 0..<30 {
            var new = NewSession(user: try UserID("user-\(number * 7 % 30 + 10)"))
            new.details.ipAddress = number == 29 ? nil : "10.0.0.\(number * 11 % 30 + 5)"
            new.details.userAgent = number % 6 == 5 ? nil : Self.agents[number % 6]
            ids.append(try await front.gateway.create(new).session.id)
        }
        return ids
    }

    private static func list(
        _ front: FrontFixture,
        _ query: String
    ) async throws -> SessionPageJSON {
        let answer = try await front.call(
            "GET",
            "/api/admin/sessions?" + query,
            headers: front.service(front.adminKey)
        )
        #expect(answer.status == 200, "\(query): \(answer)")
        return try JSONDecoder().decode(SessionPageJSON.self, from: Data(answer.body.utf8))
    }

    @Test func listsAreSortedByEveryColumn() async throws {
        try await withFront { front in
            _ = try await Self.fill(front)
            let rows: [(String, (SessionJSON, SessionJSON) -> Bool)] = [
                ("user", { $0.userId <= $1.userId }),
                (
                    "ip",
                    {
                        guard let left = $0.ip.flatMap({ IPAddress($0) }),
                            let right = $1.ip.flatMap({ IPAddress($0) })
                        else { return $1.ip == nil }
                        return left.description.utf8.count < right.description.utf8.count
                            || left.description <= right.description
                    }
                ),
                (
                    "lastActivity",
                    { ($0.lastActivity?.milliseconds ?? 0) <= ($1.lastActivity?.milliseconds ?? 0) }
                ),
                ("expires", { ($0.idleDeadline?.milliseconds ?? 0) <= ($1.idleDeadline?.milliseconds ?? 0) }),
                ("created", { $0.createdAt.milliseconds <= $1.createdAt.milliseconds }),
            ]
            for (column, isInOrder) in rows {
                let up = try await Self.list(front, "sort=\(column)&limit=50").sessions
                #expect(up.count == 30 && zip(up, up.dropFirst()).allSatisfy(isInOrder), "\(column)")
                let down = try await Self.list(front, "sort=-\(column)&limit=50").sessions
                let known = down.filter { column != "ip" || $0.ip != nil }
                #expect(down.count == 30, "\(column)")
                #expect(zip(known.dropFirst(), known).allSatisfy(isInOrder), "\(column)")
                if column == "ip" { #expect(up.last?.ip == nil && down.last?.ip == nil) }
            }
            // Pages by offset.
            var seen: [String] = []
            for offset in stride(from: 0, to: 35, by: 8) {
                let page = try await Self.list(front, "sort=-user&limit=8&offset=\(offset)")
                #expect(page.total == 30 && page.nextCursor == nil && !page.partial)
                seen += page.sessions.map(\.id)
            }
            #expect(seen == (try await Self.list(front, "sort=-user&limit=50")).sessions.map(\.id))
            let own = try await front.token("user-10")
            let mine = try await front.call(
                "GET",
                "/api/auth/sessions?sort=-expires",
                headers: front.session(own)
            )
            #expect(mine.status == 200)
            let cursor = try #require(try await Self.list(front, "limit=5").nextCursor)
            for (query, field) in [
                ("sort=user&cursor=\(cursor)", "cursor"), ("sort=-expires&cursor=\(cursor)", "cursor"),
                ("sort=--user", "sort"), ("sort=-", "sort"), ("sort=User", "sort"), ("sort=device", "sort"),
                ("device=", "device"), ("device=toaster", "device"), ("browser=", "browser"), ("os=", "os"),
            ] {
                let answer = try await front.call(
                    "GET",
                    "/api/admin/sessions?" + query,
                    headers: front.service(front.adminKey)
                )
                #expect(answer.status == 400 && answer.body.contains("\"field\":\"\(field)\""), "\(query)")
            }
        }
    }

    @Test func sessionsAreListedAndEndedByDevice() async throws {
        try await withFront { front in
            let ids = try await Self.fill(front).map(\.description)
            for (query, isMeant) in [
                ("device=desktop", { $0 % 6 == 0 || $0 % 6 == 2 }),
                ("device=DESKTOP", { $0 % 6 == 0 || $0 % 6 == 2 }),
                ("device=phone", { $0 % 6 == 1 }), ("device=Mobile", { $0 % 6 == 1 }),
                ("device=bot", { $0 % 6 == 3 }), ("device=other", { $0 % 6 == 4 }),
                ("device=tablet", { _ in false }), ("browser=firefox", { $0 % 6 == 0 }),
                ("browser=EDGE", { $0 % 6 == 2 }), ("browser=chrome", { _ in false }),
                ("os=ios", { $0 % 6 == 1 }), ("os=windows&device=desktop", { $0 % 6 == 2 }),
                ("os=windows&device=phone", { _ in false }), ("browser=curl", { $0 % 6 == 4 }),
                ("device=desktop&userId=user-10", { $0 == 0 }),
            ] as [(String, (Int) -> Bool)] {
                let expected = Set(ids.indices.filter(isMeant).map { ids[$0] })
                let page = try await Self.list(front, "limit=50&" + query)
                #expect(Set(page.sessions.map(\.id)) == expected, "\(query)")
                #expect(page.total == expected.count, "\(query)")
                let preview = try await front.call(
                    "DELETE",
                    "/api/admin/sessions?dryRun=true&" + query,
                    headers: front.service(front.adminKey)
                )
                #expect(preview.body.contains("\"matches\":\(expected.count)"), "\(query): \(preview)")
            }
            let ended = try await front.call(
                "DELETE",
                "/api/admin/sessions?device=bot",
                headers: front.service(front.adminKey)
            )
            #expect(ended.status == 200 && ended.body.contains("\"ended\":5"), "\(ended)")
            #expect(try await Self.list(front, "device=bot").sessions.isEmpty)
            #expect(try await Self.list(front, "limit=1").total == 25)
        }
    }
}
