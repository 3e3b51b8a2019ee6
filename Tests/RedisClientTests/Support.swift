import Logging
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import RedisClient

/// Waits for a condition; false when it has not come true in time.
func eventually(within limit: Duration = .seconds(60), _ condition: () async -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return await condition()
}

/// A logger that says nothing: losses are part of these tests.
let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A configuration for a test server's unix socket. Only tests of deadlines have short ones: a busy machine must not
/// fail the others.
func configuration(_ server: RedisServer, commandTimeout: Duration = .seconds(10)) -> RedisConfiguration {
    configuration(path: server.socketPath, commandTimeout: commandTimeout)
}

func configuration(path: String, commandTimeout: Duration = .seconds(10)) -> RedisConfiguration {
    var configuration = RedisConfiguration(endpoint: .unix(path))
    configuration.commandTimeout = commandTimeout
    configuration.connectTimeout = .seconds(3)
    return configuration
}

/// Runs `body` with a client that is connecting, and shuts it down.
func withClient<Result>(
    _ configuration: RedisConfiguration,
    loops: Int = 2,
    admission rule: ServerAdmission.Rule? = nil,
    waitUntilReady: Bool = true,
    _ body: (RedisClient) async throws -> Result
) async throws -> Result {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
    let client = RedisClient(
        configuration: configuration,
        eventLoopGroup: group,
        logger: silent,
        admission: rule
    )
    client.start()
    let result: Swift.Result<Result, any Error>
    do {
        if waitUntilReady { try await client.waitUntilReady() }
        result = .success(try await body(client))
    } catch {
        result = .failure(error)
    }
    await client.shutdown()
    try await group.shutdownGracefully()
    return try result.get()
}

/// The error that `body` throws, if it throws a ``RedisError``.
func redisError(_ body: () async throws -> Void) async -> RedisError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? RedisError
    }
}
