import Foundation
import GatewayAPI
import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct StatisticsRouteTests {
    private static func decode<Value: Decodable>(_ response: RawResponse) throws -> Value {
        #expect(response.status == 200, "\(response)")
        return try JSONDecoder().decode(Value.self, from: Data(response.body.utf8))
    }

    @Test func figuresOfAllAndOfAnOrganization() async throws {
        try await withFront(adjustGateway: { $0.policy.maximumSessions = 0 }) { front in
            func figures(_ key: String) async throws -> StatisticsJSON {
                try Self.decode(
                    try await front.call("GET", "/api/admin/stats", headers: front.service(key))
                )
            }
            let none = try await figures(front.adminKey)
            #expect(none.active == 0 && none.total == 0 && none.averageDuration == nil)
            var last: SessionID?
            for number in 0..<20 {
                let organization = number < 7 ? "acme" : number < 12 ? "beta" : nil
                let token = try await front.token(
                    "u\(number < 7 ? 0 : number)",
                    organization: organization,
                    keepWarm: false
                )
                last = Token(token)?.sessionID
            }
            _ = try await front.gateway.end(try #require(last), Ending(.loggedOut))
            let all = try await figures(front.adminKey)
            #expect(all.active == 19 && all.ended == 1 && all.total == 20 && all.uniqueUsers == 13)
            #expect(all.usersAbove == UsersAboveJSON(threshold: 5, users: 1))
            #expect(!all.estimated && !all.partial && all.averageDuration != nil)
            let rates = try #require(all.rates)
            #expect(rates.count == 60)
            let minutes = rates.map(\.minute.milliseconds)
            #expect(zip(minutes, minutes.dropFirst()).allSatisfy { $1 - $0 == 60_000 })

            let acme = try await figures(front.organizationKey)
            #expect(acme.active == 7 && acme.ended == 0 && acme.total == 7 && acme.uniqueUsers == 1)
            #expect(acme.usersAbove.users == 1 && acme.rates == nil && !acme.partial)
            let wrong = try await front.call(
                "GET",
                "/api/admin/stats?org=acme",
                headers: front.service(front.adminKey)
            )
            #expect(wrong.status == 400)
        }
    }

    @Test func cleanUpTellsWhatItDid() async throws {
        try await withFront { front in
            let admin = front.service(front.adminKey)
            func cleanUp(_ query: String = "") async throws -> CleanupJSON {
                try Self.decode(try await front.call("POST", "/api/admin/cleanup" + query, headers: admin))
            }
            #expect(try await cleanUp("?verify=true").repaired == 0)
            let probe = try RedisProbe(front.redis)
            for number in 0..<6 {
                let token = try await front.token("u\(number)", keepWarm: false)
                let id = try #require(Token(token)?.sessionID)
                let base = "pc:{\(id.partition.index)}:"
                switch number {
                case 0, 1:
                    _ = try probe.run("DEL", base + "s:" + id.key)
                    _ = try probe.run("ZADD", base + "due", "1", id.key)
                case 2: _ = try probe.run("ZREM", base + "all", id.key)
                case 3: _ = try probe.run("HSET", base + "n", "users", "17")
                default: break
                }
            }
            let quick = try await cleanUp()
            #expect(quick.expired == 2 && quick.forgotten == 0 && quick.repaired == 0 && quick.ms >= 0)
            #expect(try await cleanUp("?verify=false").repaired == 0)
            let thorough = try await cleanUp("?verify=true")
            #expect(thorough.expired == 0 && thorough.repaired == 2)
            #expect(try await cleanUp("?verify=true").repaired == 0)
            for (query, field) in [("?verify=yes", "verify"), ("?all=true", "all")] {
                let answer = try await front.call("POST", "/api/admin/cleanup" + query, headers: admin)
                #expect(answer.status == 400 && answer.body.contains("\"field\":\"\(field)\""))
            }
        }
    }
}
