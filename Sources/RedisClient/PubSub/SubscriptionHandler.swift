import NIOCore

/// Carries the bytes of one subscription connection: runs what ``SubscriptionMachine`` decides. Confined to its event
/// loop; tells its owner everything synchronously and in order.
final class SubscriptionHandler: ConnectionEndHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What the owner is told. Nothing is told after ``closed(_:)``, which comes exactly once.
    enum Event {
        case identified(ServerIdentity)
        case subscribed
        case message(channel: String, payload: ByteBuffer)
        case closed(RedisError)
    }

    private let eventLoop: any EventLoop
    private let configuration: RedisConfiguration
    private let channels: [String]
    private let tickInterval: TimeAmount
    private var onEvent: ((Event) -> Void)?
    private var machine: SubscriptionMachine
    private var reader: ReplyReader
    var context: ChannelHandlerContext?

    init(
        eventLoop: any EventLoop,
        configuration: RedisConfiguration,
        channels: [String],
        onEvent: @escaping (Event) -> Void
    ) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.channels = channels
        self.onEvent = onEvent
        tickInterval = TimeAmount(configuration.subscriptionPingInterval / 4)
        machine = SubscriptionMachine(
            channels: channels,
            pingInterval: TimeAmount(configuration.subscriptionPingInterval),
            now: eventLoop.now
        )
        reader = ReplyReader(maxReplyBytes: configuration.maxReplyBytes)
    }

    /// Closes the channel. Does nothing the second time.
    func close(_ error: RedisError) {
        guard machine.close() else { return }
        context?.close(promise: nil)
        let onEvent = onEvent
        self.onEvent = nil
        onEvent?(.closed(error))
    }

    func begin(_ context: ChannelHandlerContext) {
        let handshake = Handshake(configuration)
        let commands = handshake.commands(configuration)
        guard machine.connected(handshake, now: eventLoop.now) else {
            context.close(promise: nil)
            return
        }
        write(commands)
        scheduleTick()
    }

    private func write(_ commands: [RedisCommand]) {
        guard let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: 512)
        for command in commands where !CommandFormatter.append(command, to: &buffer) {
            return close(RedisError(.unavailable, "no memory to format \(command.name)"))
        }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        machine.receivedBytes(now: eventLoop.now)
        let buffer = unwrapInboundIn(data)
        do throws(RedisError) {
            var rest = buffer.readableBytesView[...]
            while !rest.isEmpty, !machine.isClosed {
                try reader.feed(rest.prefix(ReplyReader.sliceBytes))
                rest = rest.dropFirst(ReplyReader.sliceBytes)
                while !machine.isClosed, let reply = try reader.next() { received(reply) }
            }
        } catch {
            close(error)
        }
    }

    private func received(_ reply: RedisValue) {
        switch machine.received(reply, now: eventLoop.now) {
        case .none: break
        case .subscribe(let identity):
            onEvent?(.identified(identity))
            // The owner may have dropped the connection.
            guard !machine.isClosed else { return }
            write([channels.reduce(RedisCommand("SUBSCRIBE")) { $0.arg($1) }])
        case .subscribed: onEvent?(.subscribed)
        case .message(let channel, let payload): onEvent?(.message(channel: channel, payload: payload))
        case .close(let error): close(error)
        }
    }

    private func scheduleTick() {
        eventLoop.assumeIsolated().scheduleTask(in: tickInterval) { self.tick() }
    }

    private func tick() {
        guard !machine.isClosed else { return }
        switch machine.tick(now: eventLoop.now) {
        case .none: break
        case .ping: write([RedisCommand("PING")])
        case .close(let error): close(error)
        }
        if !machine.isClosed { scheduleTick() }
    }
}
