import NIOCore
import NIOPosix
import TestSupport

/// A connection that sends bytes as they are.
struct RawClient: Sendable {
    let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

    static func connect(port: Int) async throws -> RawClient {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        return RawClient(channel: channel)
    }
}

/// Nothing came within the time that is ample for everything these tests do.
struct DeadlineExceeded: Error {}

/// Runs `body`, and gives up after three minutes: the threads that all tests share may be busy for long.
func withDeadline<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { tasks in
        tasks.addTask(operation: body)
        tasks.addTask {
            try await Task.sleep(for: .seconds(180))
            throw DeadlineExceeded()
        }
        defer { tasks.cancelAll() }
        guard let result = try await tasks.next() else { throw DeadlineExceeded() }
        return result
    }
}

/// Sends chunks one write after the other, closes the sending half and takes all that comes back.
/// - Parameter pace: a HEAD request's path. Each chunk is sent only when the server has answered that on another
///   connection, so that it does not read two as one: with `/check` an answer to the chunk before may still be
///   under way then, with any other path hardly.
func exchange(port: Int, _ chunks: [[UInt8]], pace: String? = nil) async throws -> [UInt8] {
    try await withDeadline {
        guard let pace else { return try await exchange(port: port, chunks, afterEach: {}) }
        let helper = try await RawClient.connect(port: port)
        return try await helper.channel.executeThenClose { inbound, outbound in
            var iterator = inbound.makeAsyncIterator()
            return try await exchange(port: port, chunks) {
                // The server's only event loop answers this after it has read what was there before.
                try await outbound.write(ByteBuffer(string: "HEAD \(pace) HTTP/1.1\r\nHost: pace\r\n\r\n"))
                var answer: [UInt8] = []
                while !answer.ends(with: "\r\n\r\n".utf8), let buffer = try await iterator.next() {
                    answer += Array(buffer.readableBytesView)
                }
            }
        }
    }
}

private func exchange(
    port: Int,
    _ chunks: [[UInt8]],
    afterEach pace: () async throws -> Void
) async throws -> [UInt8] {
    let client = try await RawClient.connect(port: port)
    return try await client.channel.executeThenClose { inbound, outbound in
        var received: [UInt8] = []
        do {
            for chunk in chunks {
                try await outbound.write(ByteBuffer(bytes: chunk))
                try await pace()
            }
            outbound.finish()
        } catch {
            // The server has closed already; what it said before counts.
        }
        do {
            for try await buffer in inbound { received += Array(buffer.readableBytesView) }
        } catch is IOError {
            // A reset after a close with unread bytes.
        }
        return received
    }
}

extension [UInt8] {
    fileprivate func ends(with end: String.UTF8View) -> Bool { self.suffix(end.count).elementsEqual(end) }
}
