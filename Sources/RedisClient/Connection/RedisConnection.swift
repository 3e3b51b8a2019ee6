package import NIOCore

/// A connection that Redis has accepted. It lives on one event loop; commands sent during one turn of the loop leave
/// in one write, and Redis answers them in order.
///
/// Do not send commands that block (`BLPOP`, `XREAD BLOCK`) or that change the connection's mode (`SUBSCRIBE`,
/// `MULTI` apart from its `EXEC`, `CLIENT REPLY`): all callers of the loop share it.
package final class RedisConnection: RedisCommandTarget, Sendable {
    /// The loop that the connection lives on.
    package let eventLoop: any EventLoop
    /// Whom this connection talks to.
    package let identity: ServerIdentity
    /// How long a command waits when the call does not say.
    package let commandTimeout: Duration
    private let handler: NIOLoopBound<ConnectionHandler>

    init(
        eventLoop: any EventLoop,
        identity: ServerIdentity,
        commandTimeout: Duration,
        handler: NIOLoopBound<ConnectionHandler>
    ) {
        self.eventLoop = eventLoop
        self.identity = identity
        self.commandTimeout = commandTimeout
        self.handler = handler
    }

    /// Sends a command. Must be called on ``eventLoop``.
    /// - Parameters:
    ///   - timeout: nil for the configured command timeout.
    ///   - completion: called exactly once on ``eventLoop``, before this returns when the command is refused. An
    ///     error reply is a failure.
    package func send(
        _ command: RedisCommand,
        timeout: Duration? = nil,
        completion: @escaping (Result<RedisValue, RedisError>) -> Void
    ) {
        handler.value.enqueue(command, timeout: timeout, .one(completion))
    }

    /// Sends two commands with one answer. Must be called on ``eventLoop``.
    /// - Parameters:
    ///   - timeout: nil for the configured command timeout.
    ///   - completion: called exactly once on ``eventLoop``, before this returns when the commands are refused. The
    ///     first error reply of the two is a failure of both.
    package func send(
        _ first: RedisCommand,
        _ second: RedisCommand,
        timeout: Duration? = nil,
        completion: @escaping (Result<(RedisValue, RedisValue), RedisError>) -> Void
    ) {
        handler.value.enqueue(first, [second], timeout: timeout, .two(completion))
    }

    /// Sends a command; from anywhere. A cancelled task gets ``RedisError/Code-swift.enum/cancelled`` at once.
    package func send(_ command: RedisCommand, timeout: Duration?) async throws(RedisError) -> RedisValue {
        try await perform { handler, complete in
            handler.enqueue(command, timeout: timeout, .one(complete))
        }
    }

    /// Sends commands in one write; from anywhere. The timeout is for all of them together.
    package func pipeline(
        _ commands: [RedisCommand],
        timeout: Duration?
    ) async throws(RedisError) -> [RedisValue] {
        guard let first = commands.first else { return [] }
        return try await perform { handler, complete in
            handler.enqueue(first, commands.dropFirst(), timeout: timeout, .many(complete))
        }
    }

    /// Closes the connection; its link opens another one.
    package func close() {
        eventLoop.execute { [handler] in
            handler.value.close(RedisError(.unavailable, "closed by the caller"))
        }
    }

    /// Where an asynchronous call stands; only touched on the event loop.
    private enum Ticket {
        case waiting
        case enqueued(UInt64)
        case cancelled
    }

    private func perform<Value: Sendable>(
        _ enqueue:
            @escaping @Sendable (ConnectionHandler, @escaping (Result<Value, RedisError>) -> Void) -> UInt64?
    ) async throws(RedisError) -> Value {
        let ticket = NIOLoopBoundBox.makeBoxSendingValue(Ticket.waiting, eventLoop: eventLoop)
        let result: Result<Value, RedisError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                eventLoop.execute { [handler] in
                    if case .cancelled = ticket.value {
                        continuation.resume(
                            returning: .failure(RedisError(.cancelled, "cancelled before sending"))
                        )
                        return
                    }
                    let id = enqueue(handler.value) { continuation.resume(returning: $0) }
                    if let id { ticket.value = .enqueued(id) }
                }
            }
        } onCancel: {
            eventLoop.execute { [handler] in
                switch ticket.value {
                case .waiting: ticket.value = .cancelled
                case .enqueued(let id): handler.value.cancel(id)
                case .cancelled: break
                }
            }
        }
        return try result.get()
    }
}
