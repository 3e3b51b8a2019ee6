import CoreMetrics
import GatewayAPI
import HTTPTypes
import ServiceKeys
import SessionGateway
import Testing

@testable import HTTPFront

@Suite struct WireTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_782_400_123, "2000-02-29T00:00:00.123Z", "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_803_859_199_999, "2027-02-28T23:59:59.999Z", "Sun, 28 Feb 2027 23:59:59 GMT"),
        (-1, "1969-12-31T23:59:59.999Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z", "Mon, 01 Mar 2100 00:00:00 GMT"),
    ])
    func writesTimes(_ milliseconds: Int64, _ rfc3339: String, _ httpDate: String) {
        let time = CivilTime(unixMilliseconds: milliseconds)
        #expect(time.rfc3339 == rfc3339)
        #expect(time.httpDate == httpDate)
        #expect(WireTime(rfc3339)?.milliseconds == milliseconds)
    }

    @Test func readsBackEveryDay() {
        for day in stride(from: Int64(-200_000), through: 200_000, by: 37) {
            let milliseconds = day * 86_400_000 + 12_345_678
            let text = WireTime(milliseconds: milliseconds).description
            #expect(WireTime(text)?.milliseconds == milliseconds)
        }
        for bad in [
            "", "2027-13-01T00:00:00Z", "2027-01-01 00:00:00Z", "2027-01-01T00:00:00", "2027-01-01T24:00:00Z",
        ] {
            #expect(WireTime(bad) == nil)
        }
        #expect(
            WireTime("2027-01-01T00:00:00.5Z")?.milliseconds
                == WireTime("2027-01-01T00:00:00.500Z")?.milliseconds
        )
    }

    @Test(arguments: [
        ("2027-03-01T12:00:00Z", 0), ("2027-03-01t12:00:00z", 0), ("2027-03-01T14:00:00+02:00", 0),
        ("2027-03-01T05:30:00-06:30", 0), ("2027-03-01T12:00:00-00:00", 0),
        ("2027-03-01T12:00:00.25+00:00", 250), ("2027-02-28T23:59:59.5-12:00", -500),
        ("2027-03-01T12:00:00.123456789Z", 123),
    ])
    func readsOffsets(_ text: String, _ distance: Int64) {
        #expect(WireTime(text)?.milliseconds == 1_803_902_400_000 + distance)
    }

    @Test(arguments: [
        "2027-02-29T00:00:00Z", "2027-04-31T00:00:00Z", "2027-01-01T00:00:00+0200", "2027-01-01T00:00:00+02",
        "2027-01-01T00:00:00+24:00", "2027-01-01T00:00:00.Z", "2027-01-01T00:00:00. Z",
        "2027-01-01T00:00:00 02:00", "2027-01-01T00:00:00.1234567890Z", "2027-01-01T00:00:60Z", "+02:00",
        "2027-01-01T00:00+02:00", "20270101T000000Z0000", "yesterday",
    ])
    func refusesOtherTimes(_ text: String) { #expect(WireTime(text) == nil) }

    @Test func aRevocationThatBrokeOffSaysHowFarItCame() throws {
        let problem = try #require(Problem(mapping: GatewayError.interrupted(ended: 4711)))
        #expect(problem.status == .serviceUnavailable && problem.code == .problem(.revocationIncomplete))
        #expect(problem.error.contains("4711") && problem.headers[.retryAfter] == "1")
    }

    @Test func serviceKeys() throws {
        let web = try #require(ServiceKeyRing.generate(name: "web", scopes: [.create, .check]))
        let boss = try #require(ServiceKeyRing.generate(name: "boss", scopes: [.admin]))
        #expect(web.key.hasPrefix("pk_web_"))
        #expect(web.line.hasPrefix("web:check+create:"))
        #expect(!web.line.contains(web.key.dropFirst(7)))
        let ring = try ServiceKeyRing(lines: [web.line, boss.line])
        #expect(ring.verify(web.key)?.scopes == [.create, .check])
        #expect(ring.verify(web.key)?.allows(.admin) == false)
        #expect(ring.verify(boss.key)?.allows(.create) == true)
        #expect(ring.verify(web.key + "x") == nil)
        #expect(ring.verify("") == nil)
        #expect(ServiceKeyRing.generate(name: "a_b", scopes: [.check]) == nil)
        #expect(ServiceKeyRing.generate(name: "a", scopes: []) == nil)
        let digest = String(repeating: "0", count: 64)
        for line in [
            "", "a:check", "a:none:\(digest)", "a::\(digest)", "a:check:00", ":check:\(digest)",
            "a:check:\(digest):",
        ] {
            #expect(throws: ServiceKeyRing.LineError.self) { try ServiceKeyRing(lines: [line]) }
        }
        #expect(throws: ServiceKeyRing.LineError.self) { try ServiceKeyRing(lines: [web.line, web.line]) }
    }

    @Test(arguments: ["acme", "acme: EU & co", "ünal", String(repeating: "x", count: 256)])
    func serviceKeysOfAnOrganization(organization: String) throws {
        let made = try #require(
            ServiceKeyRing.generate(name: "it", scopes: [.admin], organization: organization)
        )
        #expect(made.line.hasPrefix("it:admin:") && made.line.hasSuffix(":" + organization))
        let key = try #require(try ServiceKeyRing(lines: [made.line]).verify(made.key))
        #expect(key.organization == organization && key.scopes == [.admin])
        // It can do nothing that knows no organizations.
        #expect(key.allows(.admin) && !key.allows(.create) && !key.allows(.check))
    }

    @Test func whatIsWrongWithALineOfAServiceKeyIsSaid() throws {
        let digest = String(repeating: "0", count: 64)
        let other = String(repeating: "1", count: 64)
        for (lines, line, word) in [
            (["a:admin:\(digest):acme", "a:admin:\(other):beta"], 2, "another key of this name"),
            (["a:admin:\(digest):acme", "b:admin:\(digest)"], 2, "under another name"),
            (["a:admin:\(digest):"], 1, "1 to 256 bytes"),
            (["a:admin:\(digest):a\u{202E}b"], 1, "1 to 256 bytes"),
            (["a:check:\(digest):acme"], 1, "admin alone"),
            (["a:admin+create:\(digest):acme"], 1, "admin alone"), (["a:admin"], 1, "organization"),
        ] {
            #expect {
                _ = try ServiceKeyRing(lines: lines)
            } throws: {
                let error = $0 as? ServiceKeyRing.LineError
                return error?.line == line && error?.reason.contains(word) == true
            }
        }
        for scopes: Set<ServiceScope> in [[.check], [.admin, .create]] {
            #expect(ServiceKeyRing.generate(name: "a", scopes: scopes, organization: "acme") == nil)
        }
        for organization in ["", "a\nb", String(repeating: "x", count: 257)] {
            #expect(ServiceKeyRing.generate(name: "a", scopes: [.admin], organization: organization) == nil)
        }
    }

    @Test func writesMetrics() {
        let registry = MetricsRegistry()
        registry.makeCounter(label: "a.b", dimensions: [("z", "1"), ("k", "x\"y\\\n")]).increment(by: 3)
        registry.makeCounter(label: "a.b", dimensions: [("k", "x\"y\\\n"), ("z", "1")]).increment(by: 4)
        registry.makeRecorder(label: "level", dimensions: [], aggregate: false).record(Int64(5))
        registry.makeTimer(label: "t", dimensions: []).recordNanoseconds(2_000_000)
        var text = PrometheusText()
        text.add(registry.snapshot)
        #expect(text.text.contains("# TYPE a_b counter\na_b{k=\"x\\\"y\\\\\\n\",z=\"1\"} 7\n"))
        #expect(text.text.contains("level 5.0\n"))
        #expect(text.text.contains("t_bucket{le=\"0.001\"} 0\nt_bucket{le=\"0.0025\"} 1\n"))
        #expect(text.text.contains("t_bucket{le=\"+Inf\"} 1\nt_sum 0.002\nt_count 1\n"))
    }

    @Test func routesAreWellFormed() {
        var seen: Set<String> = []
        for route in Routes.all {
            #expect(seen.insert("\(route.method) \(route.path)").inserted)
            #expect(route.path.hasPrefix("/") && !route.summary.isEmpty)
            if route.path.hasPrefix("/api/admin") { #expect(route.caller.isAdministrator) }
            if route.path.hasPrefix("/api/auth") { #expect(route.caller == .session) }
        }
    }
}
