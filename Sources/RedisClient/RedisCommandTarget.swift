/// What commands can be sent to: the client, or one of its connections.
package protocol RedisCommandTarget: Sendable {
    /// How long a command waits when the call does not say.
    var commandTimeout: Duration { get }

    /// Sends one command.
    /// - Throws: ``RedisError``; an error reply as ``RedisError/Code-swift.enum/server``.
    func send(_ command: RedisCommand, timeout: Duration?) async throws(RedisError) -> RedisValue

    /// Sends commands in order on one connection in one write and waits for all replies.
    /// - Returns: one value for each command, error replies as ``RedisValue/error(_:)``.
    /// - Throws: when the pipeline as a whole was not sent, or replies are missing.
    func pipeline(_ commands: [RedisCommand], timeout: Duration?) async throws(RedisError) -> [RedisValue]
}

extension RedisCommandTarget {
    /// Sends one command with the configured timeout.
    package func send(_ command: RedisCommand) async throws(RedisError) -> RedisValue {
        try await send(command, timeout: nil)
    }

    /// Sends commands with the configured timeout.
    package func pipeline(_ commands: [RedisCommand]) async throws(RedisError) -> [RedisValue] {
        try await pipeline(commands, timeout: nil)
    }
}
