import NIOCore

/// Carries one connection's bytes: runs what ``ConnectionMachine`` decides. Confined to its event loop.
///
/// Commands that are sent during one turn of the event loop leave in one write.
final class ConnectionHandler: ConnectionEndHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How a caller is answered.
    enum Completion {
        case one((Result<RedisValue, RedisError>) -> Void)
        case two((Result<(RedisValue, RedisValue), RedisError>) -> Void)
        case many((Result<[RedisValue], RedisError>) -> Void)
    }

    /// What the owner is told. Nothing is told after ``closed(_:)``, which comes exactly once.
    enum Event {
        case identified(ServerIdentity)
        /// Takes no more commands; closes when the last reply is there.
        case retiring
        case closed(RedisError)
    }

    private let eventLoop: any EventLoop
    private let configuration: RedisConfiguration
    private let commandTimeout: TimeAmount
    private var onEvent: ((Event) -> Void)?
    private var machine: ConnectionMachine<Completion>
    private var reader: ReplyReader
    var context: ChannelHandlerContext?
    private var outgoing = ByteBuffer()
    private var isFlushScheduled = false
    private var isReading = false
    private var isSweepScheduled = false

    /// Deadlines are kept to within this; one timer for a connection is cheaper than one for each command.
    private static let sweepInterval = TimeAmount.milliseconds(25)
    /// A write buffer that a large pipeline has grown is given back.
    private static let maxKeptBytes = 256 << 10

    init(eventLoop: any EventLoop, configuration: RedisConfiguration, onEvent: @escaping (Event) -> Void) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.onEvent = onEvent
        commandTimeout = TimeAmount(configuration.commandTimeout)
        machine = ConnectionMachine(
            maxPendingReplies: configuration.maxPendingPerConnection,
            silenceLimit: TimeAmount(configuration.commandTimeout * 2),
            now: eventLoop.now
        )
        reader = ReplyReader(maxReplyBytes: configuration.maxReplyBytes)
    }

    // MARK: Sending

    /// Takes commands into one slot; `completion` is called exactly once, possibly before this returns.
    /// - Returns: the slot's id for ``cancel(_:)``; nil when the completion has been called with a refusal.
    @discardableResult
    func enqueue(
        _ first: RedisCommand,
        _ rest: ArraySlice<RedisCommand> = [],
        timeout: Duration?,
        _ completion: Completion
    ) -> UInt64? {
        let timeout = timeout.map { TimeAmount($0) } ?? commandTimeout
        let enqueued = machine.enqueue(
            completion,
            replies: 1 + rest.count,
            now: eventLoop.now,
            timeout: timeout
        )
        switch enqueued {
        case .refused(let error):
            Self.fail(completion, error)
            return nil
        case .accepted(let id):
            guard write(first), rest.allSatisfy({ write($0) }) else { return nil }
            scheduleFlush()
            scheduleSweep()
            return id
        }
    }

    /// Answers the caller of a slot with ``RedisError/Code-swift.enum/cancelled``, if it has no answer yet.
    func cancel(_ id: UInt64) {
        guard let completion = machine.cancel(id) else { return }
        Self.fail(completion, RedisError(.cancelled, "the calling task was cancelled"))
    }

    /// False when the command could not be formatted; then the connection is closed, for it would be out of step.
    private func write(_ command: RedisCommand) -> Bool {
        if CommandFormatter.append(command, to: &outgoing) { return true }
        close(RedisError(.unavailable, "no memory to format \(command.name)"))
        return false
    }

    private func scheduleFlush() {
        guard !isFlushScheduled, !isReading else { return }
        isFlushScheduled = true
        eventLoop.assumeIsolated().execute {
            self.isFlushScheduled = false
            self.flush()
        }
    }

    private func flush() {
        guard let context, outgoing.readableBytes > 0 else { return }
        machine.flushed()
        context.writeAndFlush(wrapOutboundOut(outgoing), promise: nil)
        if outgoing.capacity > Self.maxKeptBytes {
            outgoing = ByteBuffer()
        } else {
            outgoing.clear()
        }
    }

    // MARK: Life

    /// The gate has passed; false when the connection has closed meanwhile.
    func admit() -> Bool {
        guard machine.admitted() else { return false }
        scheduleKeepAlive()
        return true
    }

    /// Answers all pending commands and closes the channel. Does nothing the second time.
    func close(_ error: RedisError) {
        guard !machine.isClosed else { return }
        let pending = machine.close()
        outgoing = ByteBuffer()
        context?.close(promise: nil)
        for (completion, written) in pending {
            let code = written && error.code == .unavailable ? RedisError.Code.connectionLost : error.code
            Self.fail(completion, RedisError(written ? code : .unavailable, error.message))
        }
        let onEvent = onEvent
        self.onEvent = nil
        onEvent?(.closed(error))
    }

    func begin(_ context: ChannelHandlerContext) {
        let handshake = Handshake(configuration)
        let commands = handshake.commands(configuration)
        guard machine.connected(handshake, now: eventLoop.now) else {
            // Given up before the socket was open.
            context.close(promise: nil)
            return
        }
        for command in commands {
            guard write(command) else { return }
        }
        flush()
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        machine.receivedBytes(now: eventLoop.now)
        let buffer = unwrapInboundIn(data)
        do throws(RedisError) {
            var rest = buffer.readableBytesView[...]
            while !rest.isEmpty, !machine.isClosed {
                try reader.feed(rest.prefix(ReplyReader.sliceBytes))
                rest = rest.dropFirst(ReplyReader.sliceBytes)
                try drain()
            }
        } catch {
            close(error)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flush()
        if machine.isRetiring, !machine.hasPending {
            close(RedisError(.unavailable, "the server is no longer a master"))
        }
        context.fireChannelReadComplete()
    }

    /// A completion may send commands, and may close this connection: nothing of the reader or the machine is
    /// held while it runs.
    private func drain() throws(RedisError) {
        while !machine.isClosed, let reply = try reader.next() {
            let wasRetiring = machine.isRetiring
            switch machine.received(reply) {
            case .none: break
            case .complete(let completion, let replies): Self.succeed(completion, replies)
            case .identified(let identity): onEvent?(.identified(identity))
            case .close(let error): close(error)
            }
            if !wasRetiring, machine.isRetiring { onEvent?(.retiring) }
        }
    }

    // MARK: Deadlines

    private func scheduleSweep() {
        guard !isSweepScheduled else { return }
        isSweepScheduled = true
        eventLoop.assumeIsolated().scheduleTask(in: Self.sweepInterval) {
            self.isSweepScheduled = false
            self.sweep()
        }
    }

    private func sweep() {
        let sweep = machine.sweep(now: eventLoop.now)
        for completion in sweep.expired {
            Self.fail(completion, RedisError(.deadlineExceeded, "no reply in time"))
        }
        if sweep.isSilent {
            close(RedisError(.connectionLost, "Redis is silent"))
        } else if sweep.isPending {
            scheduleSweep()
        }
    }

    private func scheduleKeepAlive() {
        let interval = TimeAmount(configuration.keepAliveInterval)
        eventLoop.assumeIsolated().scheduleTask(in: interval) {
            guard !self.machine.isClosed else { return }
            if self.machine.isIdle(for: interval, now: self.eventLoop.now) {
                // The reply does not matter; that none comes is found by ``sweep()``.
                self.enqueue(RedisCommand("PING"), timeout: nil, .one { _ in })
            }
            self.scheduleKeepAlive()
        }
    }

    // MARK: Answering

    private static func succeed(_ completion: Completion, _ replies: ConnectionMachine<Completion>.Replies) {
        switch (completion, replies) {
        case (.one(let complete), .one(.error(let error))): complete(.failure(error))
        case (.one(let complete), .one(let value)): complete(.success(value))
        case (.two(let complete), .many(let values)) where values.count == 2:
            if let error = values[0].serverError ?? values[1].serverError {
                complete(.failure(error))
            } else {
                complete(.success((values[0], values[1])))
            }
        case (.many(let complete), .one(let value)): complete(.success([value]))
        case (.many(let complete), .many(let values)): complete(.success(values))
        case (.one, .many), (.two, .one), (.two, .many):
            fail(completion, RedisError(.protocolViolation, "the number of replies does not fit"))
        }
    }

    private static func fail(_ completion: Completion, _ error: RedisError) {
        switch completion {
        case .one(let complete): complete(.failure(error))
        case .two(let complete): complete(.failure(error))
        case .many(let complete): complete(.failure(error))
        }
    }
}
