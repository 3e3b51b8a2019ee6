import NIOCore
import NIOPosix
import TestSupport

@testable import RedisClient

/// A server that answers what a test tells it to.
final class FakeRedis: Sendable {
    /// The answer to one command.
    enum Answer: Sendable {
        case bytes([UInt8])
        case nothing
        case close

        static func text(_ text: String) -> Answer { .bytes(Array(text.utf8)) }
    }

    typealias Behaviour = @Sendable (_ command: [String], _ connection: Int) -> Answer?

    let path: String
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel: any Channel
    private let connections = Mutexed(0)

    /// - Parameter behavior: nil for the answer of a healthy Redis.
    init(_ behavior: @escaping Behaviour) async throws {
        path = "/tmp/fake-redis-\(UInt64.random(in: 0 ... .max)).sock"
        let connections = connections
        channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                let number = connections.withLock { count in
                    count += 1
                    return count
                }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(number, behavior))
                }
            }
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
    }

    /// Connections taken so far.
    var connectionCount: Int { connections.withLock { $0 } }

    func stop() async throws {
        try await channel.close()
        try await group.shutdownGracefully()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let number: Int
        private let behavior: Behaviour
        /// A command is an array of strings, as a reply may be.
        private var reader = ReplyReader(maxReplyBytes: 1 << 30)

        init(_ number: Int, _ behavior: @escaping Behaviour) {
            self.number = number
            self.behavior = behavior
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            do {
                try reader.feed(unwrapInboundIn(data).readableBytesView)
                while let command = try reader.next()?.elements?.map({ $0.string ?? "" }) {
                    switch behavior(command, number) ?? FakeRedis.healthy(command) {
                    case .bytes(let bytes):
                        context.write(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
                    case .nothing: break
                    case .close: context.close(promise: nil)
                    }
                }
            } catch {
                context.close(promise: nil)
            }
            context.flush()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    /// What a connection is asked before it is used, well answered.
    static func healthy(_ command: [String], runID: String = "a1", role: String = "master") -> Answer {
        switch command {
        case ["PING"]: .text("+PONG\r\n")
        case ["INFO", "server"]: bulk("# Server\r\nredis_version:7.0.15\r\nrun_id:\(runID)\r\n")
        case ["INFO", "replication"]: bulk("# Replication\r\nrole:\(role)\r\nmaster_replid:b2\r\n")
        default: .text("+OK\r\n")
        }
    }

    static func bulk(_ text: String) -> Answer { .text("$\(text.utf8.count)\r\n\(text)\r\n") }
}
