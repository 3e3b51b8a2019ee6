import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct OutageTests {
    @Test func aStoppedRedisGivesUnavailableAndNeverAFalseAnswer() async throws {
        try await GatewayCluster.run(2) { cluster in
            let created = try await cluster.session()
            _ = await cluster.verdicts(created.token)
            cluster.redis.pause()
            // Until the leases are over the near-cache may answer; then nobody can know.
            try await eventually("unavailable") {
                let verdicts = await cluster.verdicts(created.token)
                for verdict in verdicts { #expect(verdict == .active("alice") || verdict == .unavailable) }
                return verdicts == [.unavailable, .unavailable]
            }
            cluster.redis.resume()
            try await eventually("recovery") {
                let verdicts = await cluster.verdicts(created.token)
                for verdict in verdicts { #expect(verdict == .active("alice") || verdict == .unavailable) }
                return verdicts == [.active("alice"), .active("alice")]
            }
        }
    }

    @Test func aRestartedRedisIsToldWhatItForgot() async throws {
        var options = RedisServer.Options()
        // Keeps what was saved last, and nothing after: what a lossy failover does.
        options.configuration = ["save \"\"", "appendonly no"]
        try await GatewayCluster.run(2, options: options) { cluster in
            let created = try await cluster.session()
            _ = unixSocketExchange(cluster.redis.socketPath, "SAVE\r\n")
            _ = try await cluster.nodes[0].end(created.session.id, Ending(.revoked))
            cluster.redis.stop()
            try cluster.redis.launch()
            try await eventually("recovery") {
                let verdicts = await cluster.verdicts(created.token)
                for verdict in verdicts { #expect(verdict == .refused(.ended) || verdict == .unavailable) }
                return verdicts == [.refused(.ended), .refused(.ended)]
            }
            // The nodes remember the end themselves; what counts is that Redis has been told again.
            try await eventually("Redis is read again") {
                do {
                    let overview = try await cluster.nodes[0].session(created.session.id)
                    return overview == nil || overview?.end != nil
                } catch { return false }
            }
        }
    }

    @Test func withGraceKnownSessionsOutliveAnOutage() async throws {
        try await GatewayCluster.run(1, configure: { $0.outageGrace = .seconds(600) }) { cluster in
            try await cluster.leased()
            let known = try await cluster.session()
            _ = await cluster.verdicts(known.token)
            cluster.redis.stop()
            try await eventually("the lease is over") {
                cluster.nodes[0].nodeStatistics.leaseRemaining == .zero
            }
            #expect(await cluster.verdicts(known.token) == [.active("alice")])
        }
    }

    @Test func aNodeWithoutSubscriptionIsWaitedForUntilItsLeaseIsOver() async throws {
        try await GatewayCluster.run(3) { cluster in
            try await cluster.leased()
            for _ in 0..<20 {
                let created = try await cluster.session()
                _ = await cluster.verdicts(created.token)
                _ = unixSocketExchange(cluster.redis.socketPath, "CLIENT KILL TYPE pubsub\r\n")
                let receipt = try await cluster.nodes[0].end(created.session.id, Ending(.revoked))
                #expect(receipt.applied + receipt.lapsed == receipt.nodes)
                #expect(await cluster.verdicts(created.token) == Array(repeating: .refused(.ended), count: 3))
            }
        }
    }
}
