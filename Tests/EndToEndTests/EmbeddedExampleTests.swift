import Foundation
import TestSupport
import Testing

/// The application of `Examples/Embedded`, as a process, with a real Redis.
@Suite struct EmbeddedExampleTests {
    @Test(.timeLimit(.minutes(3)))
    func loginGuardedRouteLogoutEverywhere() async throws {
        let redis = try RedisServer()
        let port = try freePort()
        let log = redis.directory.appending(path: "application.log").path
        let process = try ChildProcess.spawn(
            [
                "env", "REDIS_URL=unix://\(redis.socketPath)",
                "TOKEN_SECRET=\(String(repeating: "s", count: 32))",
                "PORT=\(port)", try ProgramProcess.program("EmbeddedExample").path,
            ],
            output: log
        )
        defer {
            kill(process, SIGKILL)
            ChildProcess.wait(process)
        }
        let client = HTTPClient(port: port)
        let login = HTTPCall(
            "POST",
            "/login",
            headers: [("Content-Type", "application/json")],
            body: #"{"name":"alice"}"#
        )
        // The port is open before Redis is connected: until then logins are refused.
        let first = try await eventually("a login") {
            let answer = try? await client.send(login)
            return answer?.status == 204 ? answer : nil
        }
        func cookie(_ answer: HTTPAnswer) throws -> (String, String) {
            let value = try #require(answer.header("Set-Cookie"))
            #expect(value.contains("HttpOnly") && value.contains("SameSite=Lax"))
            return ("Cookie", String(value.prefix { $0 != ";" }))
        }
        let one = try cookie(first)
        let two = try cookie(try await client.send(login))
        #expect(try await client.send(HTTPCall("GET", "/hello")).status == 401)
        let hello = try await client.send(HTTPCall("GET", "/hello", headers: [one]))
        #expect(hello.status == 200 && hello.text == "Hello, alice!")

        let everywhere = try await client.send(HTTPCall("POST", "/logout-everywhere", headers: [two]))
        #expect(everywhere.text == "ended 2, applied on 1 of 1 nodes")
        for session in [one, two] {
            #expect(try await client.send(HTTPCall("GET", "/hello", headers: [session])).status == 401)
        }
        let three = try cookie(try await client.send(login))
        #expect(try await client.send(HTTPCall("POST", "/logout", headers: [three])).status == 204)
        #expect(try await client.send(HTTPCall("GET", "/hello", headers: [three])).status == 401)
    }
}
