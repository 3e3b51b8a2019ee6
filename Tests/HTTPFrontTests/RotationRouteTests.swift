import Foundation
import GatewayAPI
import SessionCore
import SessionGateway
import TestSupport
import Testing

/// Rotation over HTTP (docs/features.md S7; ASVS 7.2.4, 14.2.1: the token only where it has to be).
@Suite struct RotationRouteTests {
    private static let own = [("Sec-Fetch-Site", "same-origin")]

    private static func successor(_ answer: RawResponse) -> String? {
        answer["Set-Cookie"].map { String($0.dropFirst("session_token=".count).prefix(64)) }
    }

    @Test func asvs1421InCookieModeTheTokenIsOnlyInTheCookie() async throws {
        try await withFront { front in
            let token = try await front.token()
            func rotate(_ query: String = "") async throws -> RawResponse {
                let headers = front.session(token) + Self.own
                return try await front.call("POST", "/api/auth/session/rotate" + query, headers: headers)
            }
            // Nothing is due without an interval.
            let notDue = try await rotate("?ifDue=true")
            #expect(notDue.status == 200 && notDue["Set-Cookie"] == nil)
            #expect(try SessionRouteTests.decode(RotatedSessionJSON.self, notDue).rotated == false)
            let rotated = try await rotate()
            let next = try #require(Self.successor(rotated))
            #expect(rotated.status == 200 && next != token && !rotated.body.contains(next))
            #expect(!rotated.body.contains("\"token\"") && rotated["Cache-Control"] == "no-store")
            // A retry gets the same successor, also if it asks for one only when it is due: it has none yet.
            for query in ["", "?ifDue=true"] {
                let again = try await rotate(query)
                #expect(Self.successor(again) == next)
                #expect(try SessionRouteTests.decode(RotatedSessionJSON.self, again).repeated)
            }
            #expect(try await front.call("GET", "/check", headers: front.session(next)).status == 204)
            #expect(try await rotate("?x=1").status == 400)
            let bearer = try await front.call(
                "POST",
                "/api/auth/session/rotate",
                headers: front.service(try await front.token())
            )
            #expect(bearer["Set-Cookie"] == nil)
            #expect(try SessionRouteTests.decode(RotatedSessionJSON.self, bearer).token?.utf8.count == 64)
        }
    }

    @Test func aTokenIsDueByItsAge() async throws {
        try await withFront(adjustGateway: { $0.policy.rotationInterval = .seconds(3600) }) { front in
            let token = try await front.token()
            let fresh = try await front.call("GET", "/api/auth/session", headers: front.session(token))
            let session = try SessionRouteTests.decode(SessionJSON.self, fresh)
            #expect(fresh["X-Session-Rotate"] == nil && fresh["Set-Cookie"] == nil)
            let due = try #require(session.rotateAt).milliseconds
            #expect(due == session.createdAt.milliseconds + 3_600_000)
            // Rotated out and not yet replaced: due whatever its age.
            let next = try await front.gateway.rotate(token).token.text
            let old = try await front.call("GET", "/api/auth/session", headers: front.session(token))
            #expect(old["X-Session-Rotate"] == "due" && old["Set-Cookie"] == nil)
            // The new token counts from the rotation.
            let after = try await front.call("GET", "/api/auth/session", headers: front.session(next))
            let later = try #require(try SessionRouteTests.decode(SessionJSON.self, after).rotateAt)
                .milliseconds
            #expect(after["X-Session-Rotate"] == nil && later >= due)
            let id = session.id
            func rotate(_ token: String) async throws -> RotatedSessionJSON {
                let answer = try await front.call(
                    "POST",
                    "/api/sessions/\(id)/rotate",
                    headers: front.service(front.appKey),
                    json: "{\"token\":\"\(token)\",\"ifDue\":true}"
                )
                return try SessionRouteTests.decode(RotatedSessionJSON.self, answer)
            }
            let notDue = try await rotate(next)
            #expect(!notDue.rotated && notDue.token == nil)
            let again = try await rotate(token)
            #expect(again.rotated && again.token == next)
        }
    }

    @Test func whatIsDueIsRotated() async throws {
        try await withFront { front in
            let token = try await front.token()
            // Another node of the installation, by whose setting every token is old.
            var configuration = GatewayConfiguration(
                redisURL: "unix://" + front.redis.socketPath,
                tokenKeys: front.tokenKeys
            )
            configuration.policy.rotationInterval = .seconds(60)
            configuration.policy.rotationGrace = .seconds(300)
            let first = try await front.gateway.rotate(token).token.text
            #expect(try await front.gateway.rotationState(of: first) == .off)
            // The note of the rotation is read as 300 s after it, when it is 10: the token seems to be 290 s old.
            try await withGateway(configuration) { node in
                #expect(try await node.rotationState(of: first) == .due)
                await #expect(throws: GatewayError.self) { try await node.rotationState(of: "x") }
                _ = try await node.end(try #require(Token(first)?.sessionID), Ending(.revoked))
                await #expect(throws: GatewayError.self) { try await node.rotationState(of: first) }
            }
        }
    }

    /// One session asked 1,576 times a second, each time an entry of the audit log: everything else was pushed out of it
    /// within minutes.
    @Test func whoAsksAgainAndAgainRotatesOncePerGrace() async throws {
        try await withFront(adjustGateway: { $0.policy.rotationGrace = .seconds(300) }) { front in
            var token = try await front.token()
            var rotations = 0
            for _ in 0..<50 {
                let answer = try await front.call(
                    "POST",
                    "/api/auth/session/rotate",
                    headers: front.session(token) + Self.own
                )
                #expect(answer.status == 200)
                let json = try SessionRouteTests.decode(RotatedSessionJSON.self, answer)
                #expect(json.rotated == (Self.successor(answer) != nil))
                if let next = Self.successor(answer) {
                    token = next
                    rotations += 1
                }
            }
            #expect(rotations == 1)
            #expect(try await front.call("GET", "/check", headers: front.session(token)).status == 204)
            // An application rotates when it has to.
            let id = try #require(Token(token)?.sessionID)
            let forced = try await front.call(
                "POST",
                "/api/sessions/\(id)/rotate",
                headers: front.service(front.appKey),
                json: "{\"token\":\"\(token)\"}"
            )
            #expect(try SessionRouteTests.decode(RotatedSessionJSON.self, forced).rotated)
        }
    }
}
