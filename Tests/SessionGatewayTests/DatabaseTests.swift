import Logging
import SessionCore
import SessionGateway
import TestSupport
import Testing

/// Two installations in two databases of one Redis. Channels ignore the number of a database.
@Suite struct DatabaseTests {
    @Test func whatIsToldInOneDatabaseIsNotAppliedInAnother() async throws {
        try await GatewayCluster.run(1) { cluster in
            var configuration = GatewayConfiguration(
                redisURL: "unix://\(cluster.redis.socketPath)?db=1",
                tokenKeys: try GatewayCluster.keys()
            )
            configuration.commandTimeout = .seconds(2)
            let there = try SessionGateway(configuration: configuration, logger: Logger(label: "db1"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await there.run() }
                try await there.waitUntilReady()
                try await cluster.leased()
                let session = try await cluster.session()
                #expect(await cluster.verdicts(session.token) == [.active("alice")])

                var overrides = PolicyOverrides()
                try overrides.set(.idleTimeout, .integer(77))
                _ = try await there.setSettings(overrides, expecting: 0, by: "root")
                let receipt = try await there.endEveryone(Ending(.revoked))
                #expect(receipt.nodes == 1, "the node of the other database is no node of this one")

                #expect(await cluster.verdicts(session.token) == [.active("alice")])
                let next = try await cluster.session(of: "bob")
                #expect(next.session.idleTimeout != .seconds(77))
                group.cancelAll()
            }
        }
    }
}
