import Foundation
import GatewayAPI
import HTTPTypes
import NIOCore
import SessionAuthentication
import SessionCore
import TestSupport
import Testing

@testable import HTTPFront

@Suite struct ForwardAuthTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3", "10.1.2.3", true),
        ("10.1.2.3", "10.1.2.2", false), ("0.0.0.0/0", "203.0.113.1", true), ("0.0.0.0/0", "::1", false),
        ("192.0.2.128/25", "192.0.2.127", false), ("192.0.2.128/25", "192.0.2.200", true),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
        ("fd00::/7", "fe00::1", false), ("127.0.0.0/8", "::ffff:127.0.0.1", true), ("::/0", "::1", true),
    ])
    func blocksContain(_ block: String, _ address: String, _ isInside: Bool) throws {
        let block = try #require(IPNetwork(block))
        #expect(block.contains(try #require(IPAddress(address))) == isInside)
    }

    @Test(arguments: [
        "", "10", "10.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/", "/8", "::/129",
        "10.0.0.256",
        "a.example", "1.2.3.4 ", "fe80::1%eth0", "1.2.3.4\u{0}",
    ])
    func noBlocks(_ text: String) { #expect(IPNetwork(text) == nil) }

    @Test(
        arguments: [
            // The peer, what it forwards, whom it speaks of.
            ("127.0.0.1", ["203.0.113.7"], "203.0.113.7"), ("127.0.0.1", [], nil),
            ("192.0.2.1", ["203.0.113.7"], nil), ("127.0.0.1", ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
            ("127.0.0.1", ["198.51.100.1", "203.0.113.7, 10.0.0.9"], "203.0.113.7"),
            ("127.0.0.1", ["10.0.0.8, 10.0.0.9"], "10.0.0.8"), ("127.0.0.1", ["203.0.113.7, unknown"], nil),
            ("127.0.0.1", ["unknown, 203.0.113.7"], "203.0.113.7"),
            ("127.0.0.1", ["203.0.113.7:4711"], "203.0.113.7"),
            ("127.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
            ("127.0.0.1", [" 2001:DB8::1 "], "2001:db8::1"),
            ("::ffff:127.0.0.1", ["203.0.113.7"], "203.0.113.7"), ("127.0.0.1", ["<script>"], nil),
        ] as [(String, [String], String?)]
    )
    func theClientIsWhomTrustedProxiesSaw(_ peer: String, _ forwarded: [String], _ client: String?) throws {
        let proxies = try #require(TrustedProxies(["127.0.0.0/8", "10.0.0.0/8"]))
        let name = try #require(HTTPField.Name("X-Forwarded-For"))
        var headers = HTTPFields()
        for value in forwarded { headers.append(HTTPField(name: name, value: value)) }
        let address = try SocketAddress(ipAddress: peer, port: 1)
        #expect(proxies.client(behind: address, headers)?.description == client)
    }

    @Test func theUnixSocketIsTrustedByName() throws {
        let socket = try SocketAddress(unixDomainSocketPath: "/tmp/x")
        #expect(TrustedProxies(["unix"])?.trusts(socket) == true)
        #expect(TrustedProxies(["0.0.0.0/0", "::/0"])?.trusts(socket) == false)
        #expect(TrustedProxies(["unix"])?.trusts(try SocketAddress(ipAddress: "::1", port: 1)) == false)
        #expect(TrustedProxies(["Unix"]) == nil)
    }

    static let page = [("Accept", "text/html,application/xhtml+xml")]
    static let forwarded = [
        ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "app.example"),
        ("X-Forwarded-Uri", "/a?b=c&d=%20"),
    ]
    static let back = "https://login.example/?return_to=https%3A%2F%2Fapp.example%2Fa%3Fb%3Dc%26d%3D%2520"

    @Test func peopleAreSentToTheLoginPageAndProgramsAreNot() async throws {
        try await withFront(adjustFront: {
            $0.loginURL = "https://login.example/"
            $0.loginReturnHosts = [HostPattern("app.example"), HostPattern("*.shop.example")].compactMap {
                $0
            }
            $0.trustedProxies = TrustedProxies(["127.0.0.1"]) ?? TrustedProxies()
        }) { front in
            func check(_ status: Int, _ headers: [(String, String)]) async throws -> RawResponse {
                try await front.call("GET", "/check?redirect=\(status)", headers: headers)
            }
            let found = try await check(302, Self.page + Self.forwarded)
            #expect(
                found.status == 302 && found["Location"] == Self.back && found["Cache-Control"] == "no-store"
            )
            let refused = try await check(401, Self.page + Self.forwarded + front.session("x"))
            #expect(refused.status == 401 && refused["Location"] == Self.back && refused["Set-Cookie"] == nil)
            #expect(refused["WWW-Authenticate"]?.contains("invalid_token") == true)
            let ingress =
                Self.page + [("X-Original-URL", "https://a.shop.example/x"), ("X-Original-Method", "GET")]
            let location = try await check(302, ingress)["Location"]
            #expect(location == "https://login.example/?return_to=https%3A%2F%2Fa.shop.example%2Fx")
            let change = Self.page + [("X-Original-Method", "DELETE"), ingress[1]]
            #expect(try await check(302, change).status == 401)
            // Beside the other way, also where that says nothing, it may be the client's.
            let both = try await check(302, change + Self.forwarded)
            #expect(both.status == 302 && both["Location"] == Self.back)
            for headers in [
                [("X-Forwarded-Uri", "/a"), ("X-Forwarded-Uri", "/b")], [("X-Forwarded-Method", "GET")],
            ] {
                let answer = try await check(302, ingress + headers)
                #expect(answer["Location"] == "https://login.example/", "\(headers)")
            }
            // A balancer's in front of it.
            let balanced = [("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", "app.example")]
            #expect(try await check(302, ingress + balanced)["Location"] == location)

            // To anywhere else nobody is led back.
            for (host, uri) in [
                ("evil.example", "/"), ("app.example.evil.example", "/"), ("evil.example/app.example", "/"),
                ("evil.example@app.example", "/"), ("app.example, evil.example", "/"), ("shop.example", "/"),
                ("app.example", "@evil.example/"), ("app.example", "\\evil"), ("app.example", "evil"),
            ] {
                let headers = [("X-Forwarded-Host", host), ("X-Forwarded-Uri", uri)]
                let answer = try await check(302, Self.page + headers)
                #expect(answer["Location"] == "https://login.example/", "\(host) \(uri)")
            }
            // Programs, scripts, other methods and what is no plain GET of a page get the 401.
            for headers in [
                [], [("Accept", "application/json")], [("Accept", "*/*")],
                Self.page + [("X-Requested-With", "XMLHttpRequest")],
                Self.page + [("Sec-Fetch-Mode", "cors")],
                Self.page + [("X-Forwarded-Method", "POST")],
                Self.page + [("Upgrade", "websocket"), ("Connection", "upgrade")],
            ] {
                let answer = try await check(302, headers + Self.forwarded)
                #expect(answer.status == 401 && answer["Location"] == nil, "\(headers)")
            }
            // A good token is good, two are none, and an unknown kind of redirect is refused.
            let token = try await front.token()
            #expect(try await check(302, Self.page + front.session(token)).status == 204)
            #expect(
                try await check(302, Self.page + front.session(token) + front.service(token)).status == 400
            )
            for query in ["redirect=", "redirect=301", "redirect=302&redirect=302"] {
                #expect(try await front.call("GET", "/check?\(query)").status == 400)
            }
            // Who does not ask for redirects gets none.
            #expect(try await front.call("GET", "/check", headers: Self.page + Self.forwarded).status == 401)
            front.redis.stop()
            let away = try await check(302, Self.page + Self.forwarded + front.session(token))
            #expect([204, 503].contains(away.status) && away["Set-Cookie"] == nil)
        }
    }

    /// NIO's decoder reads nothing after such a request, so the connection must not be used again.
    @Test func theCheckOfAWebSocketIsTheLastOfItsConnection() async throws {
        try await withFront { front in
            let upgrade = [("Connection", "upgrade"), ("Upgrade", "websocket")]
            for path in ["/check", "/health/live", "/nothing"] {
                for isHot in [true, false] {
                    let answer = try await front.call("GET", path, headers: upgrade, isHot: isHot)
                    #expect(answer["Connection"] == "close", "\(answer)")
                }
            }
            #expect(try await front.call("GET", "/check?redirect=401")["Connection"] == nil)
        }
    }

    @Test func envoyAsksBelowAPrefix() async throws {
        try await withFront(adjustFront: {
            $0.loginURL = "https://login.example/"
            $0.loginReturnHosts = [HostPattern("gate.example")].compactMap { $0 }
            $0.trustedProxies = TrustedProxies(["127.0.0.1"]) ?? TrustedProxies()
        }) { front in
            let token = try await front.token("alice")
            let paths = [
                "/", "", "/a", "/a/b/c?redirect=1&d=%20", "/check/envoy", "/api/sessions", "//x", "/%2e%2e/",
            ]
            for path in paths {
                let target = "/check/envoy" + path
                for method in ["GET", "POST", "PROPFIND"] {
                    let good = try await front.call(method, target, headers: front.session(token))
                    #expect(
                        good.status == 204 && good["X-Session-User"] == "alice",
                        "\(method) \(target): \(good)"
                    )
                    let none = try await front.call(method, target)
                    #expect(none.status == 401, "\(method) \(target): \(none)")
                }
            }
            let redirect = try await front.call("GET", "/check/envoy/a?b=c", headers: Self.page)
            let way = "https://login.example/?return_to=http%3A%2F%2Fgate.example%2Fa%3Fb%3Dc"
            #expect(redirect.status == 302 && redirect["Location"] == way)
            #expect(try await front.call("POST", "/check/envoy/a", headers: Self.page).status == 401)
            // A neighbor of the prefix is not below it.
            #expect(try await front.call("GET", "/check/envoys", headers: front.session(token)).status == 404)
        }
    }

    @Test func asvs413OnlyTrustedProxiesSayWhereARequestWent() async throws {
        try await withFront(adjustFront: {
            $0.loginURL = "https://login.example/?app=1"
            $0.loginReturnHosts = [HostPattern("app.example")].compactMap { $0 }
            $0.trustedProxies = TrustedProxies(["192.0.2.0/24"]) ?? TrustedProxies()
        }) { front in
            let headers = Self.page + Self.forwarded + [("X-Forwarded-For", "203.0.113.7")]
            let answer = try await front.call("GET", "/check?redirect=302", headers: headers)
            #expect(answer["Location"] == "https://login.example/?app=1")
            let made = try await front.call(
                "POST",
                "/api/sessions",
                headers: front.service(front.appKey) + [("X-Forwarded-For", "203.0.113.7")],
                json: #"{"userId":"a"}"#
            )
            #expect(try SessionRouteTests.decode(CreatedSessionJSON.self, made).session.ip == nil)
        }
    }

    @Test func aSessionsAddressIsTheOneThatATrustedProxySaw() async throws {
        try await withFront(adjustFront: {
            $0.trustedProxies = TrustedProxies(["127.0.0.1"]) ?? TrustedProxies()
        }) { front in
            let headers = front.service(front.appKey) + [("X-Forwarded-For", "6.6.6.6, 203.0.113.7")]
            for (json, ip) in [
                (#"{"userId":"a"}"#, "203.0.113.7"), (#"{"userId":"a","ip":"192.0.2.9"}"#, "192.0.2.9"),
            ] {
                let made = try await front.call("POST", "/api/sessions", headers: headers, json: json)
                #expect(try SessionRouteTests.decode(CreatedSessionJSON.self, made).session.ip == ip)
            }
            // Without a login page, there is no redirect.
            let check = try await front.call(
                "GET",
                "/check?redirect=302",
                headers: Self.page + Self.forwarded
            )
            #expect(check.status == 401 && check["Location"] == nil)
        }
    }
}
