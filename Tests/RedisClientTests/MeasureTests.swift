import TestSupport
import Testing
import NIOCore
@testable import RedisClient

@Suite(.serialized) struct Measure {
    @Test func stop() async throws {
        let server = try RedisServer()
        for _ in 0..<5 {
        try await withClient(RedisConfiguration(endpoint: .unix(server.socketPath))) { client in
            server.pause()
            let t0 = ContinuousClock.now
            let e = await redisError { _ = try await client.send(RedisCommand("PING")) }
            print("MEASURE first error", ContinuousClock.now - t0, e!)
            var worst = Duration.zero
            while ContinuousClock.now - t0 < .seconds(3) {
                let t = ContinuousClock.now
                _ = await redisError { _ = try await client.send(RedisCommand("PING")) }
                worst = max(worst, ContinuousClock.now - t)
                try await Task.sleep(for: .milliseconds(5))
            }
            print("MEASURE worst error", worst)
            server.resume()
            let t1 = ContinuousClock.now
            try await client.waitUntilReady()
            print("MEASURE recovery all loops after CONT", ContinuousClock.now - t1)
            server.stop()
            try await Task.sleep(for: .seconds(1))
            try server.restart()
            let t2 = ContinuousClock.now
            try await client.waitUntilReady()
            print("MEASURE recovery after restart", ContinuousClock.now - t2)
            let n = 100_000
            let loop = client.topology.links(for: nil).board.anyConnection()!
            let t3 = ContinuousClock.now
            let cmd = RedisCommand("GET").key(RedisKey("x"))
            for _ in 0..<(n/5000) { _ = try await loop.pipeline(Array(repeating: cmd, count: 5000)) }
            print("MEASURE debug build pipelined", ContinuousClock.now - t3, "for", n)
        }
        }
    }
}
