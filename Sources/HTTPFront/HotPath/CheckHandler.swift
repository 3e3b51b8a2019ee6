import NIOCore
import SessionAuthentication
import SessionCore
import SessionGateway

/// What the hot path of all connections shares.
package struct CheckService: Sendable {
    let gateway: SessionGateway
    let recognizer: CheckRecognizer
    let answers: CheckAnswers
    let limits: ConnectionLimits
    let loops: LoopStates
}

/// Answers plain `/check` requests on the event loop that read them, before the HTTP decoder; everything else
/// goes on untouched. It stands first in the pipeline (after TLS), and keeps the connection's time limits, also
/// for connections whose requests never reach the decoder.
///
/// Where nothing but this handler has seen what was read, it asks for more itself (`autoRead` is off): the way from
/// the pipeline's other end, past all handlers there, is a twentieth of a check's cost.
///
/// While a check waits for Redis, what the connection brings is held and reading stops, so that answers keep
/// the order of their requests; events that would close the connection wait as well.
final class CheckHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = ByteBuffer

    private let service: CheckService
    private let loop: LoopState
    private let state: ConnectionState
    /// Whether nobody else asks for more to read.
    private let drivesReading: Bool
    private var context: ChannelHandlerContext?

    private static let keptCapacity = 4096

    /// Answers not yet written: those to the requests of one read go out together.
    private var out = ByteBuffer()
    /// Whether a check waits for Redis.
    private var isWaiting = false
    private var held: ByteBuffer?
    private var heldEvents: [Any] = []
    private var wantsRead = false
    private var isWritable = true
    /// Whether something went to the decoder since the last `channelReadComplete`.
    private var hasPassed = false

    /// - Parameter drivesReading: whether the channel's `autoRead` is off.
    init(service: CheckService, loop: LoopState, state: ConnectionState, drivesReading: Bool) {
        self.service = service
        self.loop = loop
        self.state = state
        self.drivesReading = drivesReading
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.loop.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // A check that completes from now on finds no context and does nothing.
        self.context = nil
        self.loop.remove(self)
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        if self.drivesReading { context.channel.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        self.loop.remove(self)
        self.held = nil
        context.fireChannelInactive()
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.state.lastActivity = self.loop.tick
        self.endHandshake()
        let buffer = self.unwrapInboundIn(data)
        if self.isWaiting {
            // At most what one turn of reading brings: once something is held, reading stops.
            self.hold(buffer)
        } else {
            self.process(buffer, context: context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.send(context: context)
        let hasPassed = self.hasPassed
        self.completePassing(context: context)
        guard self.drivesReading else { return }
        // Who has been given something has a say in whether more is read.
        if hasPassed { context.channel.read() } else { self.read(context: context) }
    }

    func read(context: ChannelHandlerContext) {
        // While a check waits, what comes is held; once something is, nothing more is read. Stopping at once would
        // cost two calls of epoll_ctl a check, and clients seldom send more before they have their answer.
        if self.held != nil || !self.isWritable { self.wantsRead = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        // A peer that sends requests and reads no answers must not fill our memory.
        self.isWritable = context.channel.isWritable
        self.state.unwritableSince = self.isWritable ? nil : self.loop.tick
        context.fireChannelWritabilityChanged()
        self.readIfWanted(context: context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        self.endHandshake()
        if event is ChannelShouldQuiesceEvent {
            self.state.isTerminal = true
            self.state.quiescingSince = self.loop.tick
        }
        if self.isWaiting {
            self.heldEvents.append(event)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// The first thing that comes through TLS, its own event or data, says that the handshake is over.
    private func endHandshake() {
        guard self.state.isShakingHands else { return }
        self.state.isShakingHands = false
        self.state.incompleteSince = nil
    }

    /// Answers what is recognized at the buffer's beginning and passes on the rest.
    private func process(_ buffer: ByteBuffer, context: ChannelHandlerContext) {
        var buffer = buffer
        while buffer.readableBytes > 0 {
            guard self.state.isQuiet else {
                self.pass(buffer, context: context)
                return
            }
            var match: CheckRecognizer.Match?
            var check: CachedCheck?
            buffer.withUnsafeReadableBytes { bytes in
                match = self.service.recognizer.recognize(bytes)
                guard let token = match?.token else { return }
                check = UnsafeRawBufferPointer(rebasing: bytes[token]).withMemoryRebound(to: UInt8.self) {
                    self.service.gateway.checkCached($0)
                }
            }
            guard let match else {
                self.pass(buffer, context: context)
                return
            }
            buffer.moveReaderIndex(forwardBy: match.length)
            switch check {
            case .answered(let result): self.answer(result, isHead: match.isHead)
            case nil: self.answer(CheckDenial.unauthenticated, isHead: match.isHead)
            case .needsRedis(let pending):
                guard let result = self.ask(pending, isHead: match.isHead, context: context) else {
                    self.hold(buffer)
                    return
                }
                self.answer(result, isHead: match.isHead)
            }
        }
    }

    private func pass(_ buffer: ByteBuffer, context: ChannelHandlerContext) {
        guard !self.state.dropsInput else { return }
        // Answers given so far have to leave before anything that the decoder's side writes.
        self.send(context: context)
        self.loop.counters.passed.increment()
        self.hasPassed = true
        self.state.endedInBlankLine = Self.endsInBlankLine(buffer)
        let completed = self.state.completedRequests
        context.fireChannelRead(self.wrapInboundOut(buffer))
        if self.state.completedRequests == completed {
            self.state.incompleteSince = self.state.incompleteSince ?? self.loop.tick
        } else {
            // The time of the next one begins with what brought the end of the last.
            self.state.incompleteSince = self.state.isBetweenRequests ? nil : self.loop.tick
        }
    }

    private func completePassing(context: ChannelHandlerContext) {
        guard self.hasPassed else { return }
        self.hasPassed = false
        context.fireChannelReadComplete()
    }

    private static func endsInBlankLine(_ buffer: ByteBuffer) -> Bool {
        guard buffer.readableBytes >= 4 else { return false }
        return buffer.getInteger(at: buffer.writerIndex - 4, as: UInt32.self) == 0x0D0A_0D0A
    }

    // MARK: Waiting for Redis

    /// Asks Redis.
    /// - Returns: the result if it came at once; otherwise the handler waits, and ``resume(_:isHead:)`` is called.
    private func ask(_ pending: PendingCheck, isHead: Bool, context: ChannelHandlerContext) -> CheckResult? {
        var immediate: CheckResult?
        var isCalling = true
        self.isWaiting = true
        self.service.gateway.check(pending, on: context.eventLoop) { result in
            if isCalling { immediate = result } else { self.resume(result, isHead: isHead) }
        }
        isCalling = false
        if immediate != nil { self.isWaiting = false }
        return immediate
    }

    private func hold(_ buffer: ByteBuffer) {
        guard buffer.readableBytes > 0 else { return }
        if var held = self.held {
            held.writeImmutableBuffer(buffer)
            self.held = held
        } else {
            self.held = buffer
        }
    }

    private func resume(_ result: CheckResult, isHead: Bool) {
        self.isWaiting = false
        self.state.lastActivity = self.loop.tick
        guard let context = self.context else { return }
        self.answer(result, isHead: isHead)
        if let held = self.held {
            self.held = nil
            self.process(held, context: context)
        }
        self.send(context: context)
        self.completePassing(context: context)
        // All of that may have begun to wait again, or closed the connection.
        guard !self.isWaiting, self.context != nil else { return }
        let events = self.heldEvents
        self.heldEvents = []
        for event in events { context.fireUserInboundEventTriggered(event) }
        self.readIfWanted(context: context)
    }

    private func readIfWanted(context: ChannelHandlerContext) {
        guard self.wantsRead, self.held == nil, self.isWritable, self.context != nil else { return }
        self.wantsRead = false
        context.read()
    }

    // MARK: Answering

    private func answer(_ result: CheckResult, isHead: Bool) {
        switch result.kind {
        case .active(let cached):
            self.loop.counters.accepted.increment()
            self.out.writeBytes(self.loop.acceptedHead)
            // An entry filled through another door has nothing ready-made.
            self.out.writeBytes(
                cached.answer.isEmpty ? self.service.answers.render(cached.session) : cached.answer
            )
        case .refused(let refusal): self.answer(CheckDenial(refusal), isHead: isHead)
        case .unavailable: self.answer(CheckDenial.unavailable, isHead: isHead)
        }
    }

    private func answer(_ denial: CheckDenial, isHead: Bool) {
        if denial == .unavailable {
            self.loop.counters.unavailable.increment()
        } else {
            self.loop.counters.refused.increment()
        }
        let answer = self.service.answers.raw(denial, isHead: isHead)
        let start = self.out.writerIndex
        self.out.writeBytes(answer.bytes)
        self.out.setBytes(self.loop.date, at: start + answer.dateOffset)
    }

    private func send(context: ChannelHandlerContext) {
        guard self.out.readableBytes > 0 else { return }
        context.writeAndFlush(self.wrapOutboundOut(self.out), promise: nil)
        // Takes the same storage again when the socket has taken all of it; but a connection that once brought
        // many requests at a time does not keep that much for ever.
        if self.out.capacity > Self.keptCapacity { self.out = ByteBuffer() } else { self.out.clear() }
    }

    // MARK: Time limits

    /// Called each second.
    func examine(at tick: Int) {
        guard let context = self.context,
            self.state.isOverdue(at: tick, limits: self.service.limits, isAnswering: self.isWaiting)
        else { return }
        context.close(promise: nil)
    }
}
