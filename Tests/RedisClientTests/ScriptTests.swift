import TestSupport
import Testing

@testable import RedisClient

@Suite("Scripts")
struct ScriptTests {
    private let add = RedisScript(
        name: "add",
        source: "return redis.call('INCRBY', KEYS[1], ARGV[1]) .. ARGV[2]"
    )

    /// How often a command was called since the server's start.
    private func calls(_ command: String, _ client: RedisClient) async throws -> Int {
        let text = try await client.send(RedisCommand("INFO").arg("commandstats")).string ?? ""
        let line = InfoFields(text)["cmdstat_\(command)"] ?? "calls=0"
        return Int(line.dropFirst("calls=".count).prefix { $0.isNumber }) ?? -1
    }

    @Test("EVALSHA, and one EVAL when Redis does not know the script")
    func fallback() async throws {
        let server = try RedisServer()
        try await withClient(configuration(server)) { client in
            let key = RedisKey("n")
            for round in 1...2 {
                let first = try await client.evaluate(add, keys: [key], arguments: [2, "x"])
                #expect(first.string == "\(round * 4 - 2)x")
                let second = try await client.evaluate(
                    add,
                    keys: [key],
                    arguments: [.integer(2), .bytes([121])]
                )
                #expect(second.string == "\(round * 4)y")
                #expect(try await calls("eval", client) == round)
                #expect(try await calls("evalsha", client) == 2 * round)
                _ = try await client.send(RedisCommand("SCRIPT").arg("FLUSH"))
            }
        }
    }

    @Test("A NOSCRIPT from inside the script is not tried again")
    func onlyOnce() async throws {
        let server = try RedisServer()
        try await withClient(configuration(server)) { client in
            let lying = RedisScript(name: "lying", source: "return redis.error_reply('NOSCRIPT no')")
            let error = await redisError { _ = try await client.evaluate(lying, keys: [], arguments: []) }
            #expect(error?.prefix == "NOSCRIPT")
            let counts = (try await calls("eval", client), try await calls("evalsha", client))
            #expect(counts == (1, 1))
        }
    }

    @Test("In order, what is behind a missing script is sent again too, and errors stay where they belong")
    func pipeline() async throws {
        let server = try RedisServer()
        try await withClient(configuration(server)) { client in
            let other = RedisScript(name: "other", source: "return 'other'")
            let failing = RedisScript(name: "failing", source: "return redis.call('NOSUCHCOMMAND')")
            _ = try await client.evaluate(add, keys: [RedisKey("n")], arguments: [1, ""])
            let calls = [
                ScriptCall(add, keys: [RedisKey("n")], arguments: [1, ""]), ScriptCall(other, keys: []),
                ScriptCall(failing, keys: []), ScriptCall(add, keys: [RedisKey("n")], arguments: [1, "z"]),
            ]
            let replies = try await client.runInOrder(calls, timeout: nil)
            // The last one ran in the first try as well.
            #expect(replies.map(\.string) == ["2", "other", nil, "4z"])
            #expect(replies[2].serverError?.prefix == "ERR")
            #expect(try await client.runInOrder([], timeout: nil).isEmpty)
        }
    }
}
