import Logging
import NIOCore
import NIOPosix
import RedisClient

/// A client with one connection to a private server, where one session's record lies.
struct ConnectedClient: Fixture {
    static let key = RedisKey("bench:session")
    /// About the length of a session's live record.
    static let recordLength = 160

    let client: RedisClient
    private let loop: any EventLoop
    private let server: RedisServer

    static func start() async throws -> ConnectedClient {
        let server = try RedisServer()
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let client = RedisClient(
            configuration: try RedisConfiguration.parse(url: server.url),
            eventLoopGroup: loop,
            logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        )
        client.start()
        try await client.waitUntilReady()
        let record = [UInt8](repeating: 0x72, count: Self.recordLength)
        _ = try await client.send(RedisCommand("SET").key(Self.key).arg(bytes: record), timeout: nil)
        return ConnectedClient(client: client, loop: loop, server: server)
    }

    /// The connection of the only event loop.
    var connection: RedisConnection? { self.client.connection(on: self.loop) }

    func stop() async {
        await self.client.shutdown()
        self.server.stop()
    }
}
