package import Logging
package import NIOCore
import NIOPosix

/// Talks to Redis: one pipelined connection for each event loop, opened at start and opened again when it is lost.
///
/// Nothing is queued while there is no connection: a command is refused at once, so that the caller can say so.
package final class RedisClient: RedisCommandTarget, Sendable {
    /// How long a command waits when the call does not say.
    package let commandTimeout: Duration
    let topology: any Topology

    /// A client; ``start()`` begins connecting.
    /// - Parameters:
    ///   - eventLoopGroup: every loop of it gets a connection.
    ///   - rule: called once for each new server identity, with a connection that it alone may use; the connections
    ///     to that server become usable when it returns. If it throws, the connections are closed and tried again.
    package init(
        configuration: RedisConfiguration,
        eventLoopGroup: any EventLoopGroup,
        logger: Logger,
        admission rule: ServerAdmission.Rule? = nil
    ) {
        commandTimeout = configuration.commandTimeout
        topology = StandaloneTopology(
            configuration: configuration,
            eventLoops: eventLoopGroup.makeIterator().map { $0 },
            admission: ServerAdmission(rule),
            logger: logger
        )
    }

    // MARK: Life

    /// Begins connecting, and returns at once.
    package func start() {
        for node in topology.nodes { node.start() }
    }

    /// Returns when every event loop has a usable connection; waits as long as that takes.
    /// - Throws: when the calling task is cancelled or the client is shut down.
    package func waitUntilReady() async throws {
        for node in topology.nodes { try await node.board.waitUntilEveryReady() }
    }

    /// Closes all connections. Every pending command has been answered when it returns:
    /// ``RedisError/Code-swift.enum/unavailable`` if it was never sent, otherwise
    /// ``RedisError/Code-swift.enum/connectionLost``. A client cannot be started again.
    package func shutdown() async {
        for node in topology.nodes { await node.stop() }
    }

    /// Whether every node has at least one usable connection.
    package var isReady: Bool { topology.nodes.allSatisfy { $0.board.isAnyReady } }

    // MARK: Commands

    /// The loop's own usable connection. Costs a dictionary look-up.
    package func connection(on eventLoop: any EventLoop) -> RedisConnection? {
        connection(on: eventLoop, slot: nil)
    }

    /// The loop's own usable connection to the node that holds `slot`.
    package func connection(on eventLoop: any EventLoop, slot: UInt16?) -> RedisConnection? {
        topology.links(for: slot).board.connection(on: eventLoop)
    }

    /// Sends a command on the current event loop's connection, otherwise on the next loop's.
    /// - Parameter timeout: nil for the configured command timeout.
    package func send(_ command: RedisCommand, timeout: Duration?) async throws(RedisError) -> RedisValue {
        try await connection(for: command).send(command, timeout: timeout)
    }

    /// Sends commands in order on one connection, in one write.
    /// - Parameter timeout: for all of them together; nil for the configured command timeout.
    package func pipeline(
        _ commands: [RedisCommand],
        timeout: Duration?
    ) async throws(RedisError) -> [RedisValue] {
        guard let first = commands.first else { return [] }
        return try await connection(for: first).pipeline(commands, timeout: timeout)
    }

    private func connection(for command: RedisCommand) throws(RedisError) -> RedisConnection {
        let board = topology.links(for: command.slot).board
        if let eventLoop = MultiThreadedEventLoopGroup.currentEventLoop,
            let connection = board.connection(on: eventLoop)
        {
            return connection
        }
        guard let connection = board.anyConnection() else { throw RedisError(.unavailable, board.reason) }
        return connection
    }
}
