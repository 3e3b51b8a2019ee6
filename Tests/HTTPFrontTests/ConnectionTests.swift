import Logging
import NIOCore
import NIOEmbedded
import SessionAuthentication
import SessionCore
import SessionGateway
import TestSupport
import Testing

@testable import HTTPFront

/// The hot path's handler by itself, on a loop whose time the test moves.
@Suite struct ConnectionTests {
    /// Stands where the HTTP decoder stands.
    final class Sink: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        var received = ""
        var events: [String] = []
        /// What the decoder makes of it.
        var onRead: (() -> Void)?

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.received += String(buffer: self.unwrapInboundIn(data))
            self.onRead?()
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            self.events.append("\(type(of: event))")
        }
    }

    /// Counts who asks for more to read.
    final class ReadCounter: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var count = 0

        func read(context: ChannelHandlerContext) {
            self.count += 1
            context.read()
        }
    }

    struct Setup {
        let channel: EmbeddedChannel
        let state: ConnectionState
        let sink: Sink
        let head: ReadCounter
        let tail: ReadCounter

        func send(_ text: String) throws { try self.channel.writeInbound(ByteBuffer(string: text)) }

        func answers() throws -> [Int] {
            var bytes: [UInt8] = []
            while let buffer = try self.channel.readOutbound(as: ByteBuffer.self) {
                bytes += Array(buffer.readableBytesView)
            }
            return RawResponse.parse(bytes).map(\.status)
        }

        func pass(seconds: Int64) { self.channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }
    }

    static func setup(isSecure: Bool = false, drivesReading: Bool = false) throws -> Setup {
        let keys = TokenKeyRing(
            signing: try TokenKeyRing.Key(id: 1, secret: [UInt8](repeating: 9, count: 32))
        )
        let gateway = try SessionGateway(
            configuration: GatewayConfiguration(redisURL: "unix:///nowhere", tokenKeys: keys),
            logger: Logger(label: "test")
        )
        let cookie = SessionCookie(isSecure: false)
        let service = CheckService(
            gateway: gateway,
            recognizer: CheckRecognizer(cookie: cookie),
            answers: CheckAnswers(family: .session),
            limits: ConnectionLimits(),
            loops: LoopStates()
        )
        let channel = EmbeddedChannel()
        let loop = service.loops.state(on: channel.eventLoop)
        let state = ConnectionState(tick: loop.tick, isSecure: isSecure)
        let sink = Sink()
        let handler = CheckHandler(service: service, loop: loop, state: state, drivesReading: drivesReading)
        let (head, tail) = (ReadCounter(), ReadCounter())
        if drivesReading { try channel.syncOptions?.setOption(.autoRead, value: false) }
        try channel.pipeline.syncOperations.addHandlers([head, handler, sink, tail])
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/nowhere")).wait()
        return Setup(channel: channel, state: state, sink: sink, head: head, tail: tail)
    }

    let plain = "GET /check HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func answersOneReadWithOneWrite() throws {
        let setup = try Self.setup()
        try setup.send(self.plain + self.plain + self.plain)
        let buffer = try #require(try setup.channel.readOutbound(as: ByteBuffer.self))
        #expect(RawResponse.parse(Array(buffer.readableBytesView)).map(\.status) == [401, 401, 401])
        #expect(String(buffer: buffer).contains(" GMT\r\n"))
        #expect(try setup.channel.readOutbound(as: ByteBuffer.self) == nil)
        #expect(setup.sink.received.isEmpty)
    }

    @Test func asksForMoreItselfUnlessOthersHaveSeenSomething() throws {
        let setup = try Self.setup(drivesReading: true)
        #expect((setup.head.count, setup.tail.count) == (1, 1), "the first read is everybody's")
        try setup.send(self.plain)
        #expect((setup.head.count, setup.tail.count) == (2, 1))
        try setup.send("GET /other HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect((setup.head.count, setup.tail.count) == (3, 2), "who was given something may refuse")
        try setup.send(self.plain)
        #expect((setup.head.count, setup.tail.count) == (4, 2))
    }

    @Test func passesOnTheRestAfterItsAnswers() throws {
        let setup = try Self.setup()
        let other = "GET /other HTTP/1.1\r\nHost: a\r\n\r\n"
        try setup.send(self.plain + other + self.plain)
        #expect(try setup.answers() == [401])
        #expect(setup.sink.received == other + self.plain)
    }

    @Test func answersAgainOnlyWhenNothingIsUnderWay() throws {
        let setup = try Self.setup()
        func isAnswered() throws -> Bool {
            setup.sink.received = ""
            try setup.send(self.plain)
            return try setup.answers() == [401] && setup.sink.received.isEmpty
        }
        #expect(try isAnswered())
        setup.state.inFlight = 1
        #expect(try !isAnswered())
        setup.state.inFlight = 0
        #expect(try isAnswered())
        setup.state.isBetweenRequests = false
        #expect(try !isAnswered())
        setup.state.isBetweenRequests = true
        #expect(try isAnswered())
        // Part of a head: whatever follows belongs to it.
        try setup.send("GET /other HTTP/1.1\r\nX: ")
        #expect(try !isAnswered())
        // That ended in CRLF CRLF, which completes whatever the decoder had begun.
        #expect(try isAnswered())
        setup.state.isTerminal = true
        #expect(try !isAnswered())
    }

    @Test func aSlowHeadIsCutOff() throws {
        let setup = try Self.setup()
        try setup.send("GET /check HTTP/1.1\r\n")
        for _ in 0..<8 {
            setup.pass(seconds: 1)
            try setup.send("X")
        }
        #expect(setup.channel.isActive)
        setup.pass(seconds: 2)
        #expect(!setup.channel.isActive)
    }

    @Test func aSlowHeadIsCutOffAfterOtherRequests() throws {
        let setup = try Self.setup()
        for _ in 0..<30 {
            try setup.send(self.plain)
            setup.pass(seconds: 1)
        }
        try setup.send("G")
        setup.pass(seconds: 10)
        #expect(!setup.channel.isActive)
    }

    @Test func anIdleConnectionIsCutOff() throws {
        let setup = try Self.setup()
        for _ in 0..<3 {
            try setup.send(self.plain)
            setup.pass(seconds: 59)
            #expect(setup.channel.isActive)
        }
        setup.pass(seconds: 2)
        #expect(!setup.channel.isActive)
    }

    @Test func aHandshakeThatStallsIsCutOff() throws {
        let stalled = try Self.setup(isSecure: true)
        stalled.pass(seconds: 8)
        #expect(stalled.channel.isActive)
        stalled.pass(seconds: 2)
        #expect(!stalled.channel.isActive)
        let done = try Self.setup(isSecure: true)
        try done.send(self.plain)
        done.pass(seconds: 59)
        #expect(done.channel.isActive)
    }

    @Test func aBodyHasTheRestOfTheRequestsTime() throws {
        let setup = try Self.setup()
        try setup.send("POST / HTTP/1.1\r\n")
        setup.pass(seconds: 4)
        // The decoder gave the head, and the body is under way.
        setup.state.inFlight = 1
        setup.state.isBetweenRequests = false
        for _ in 0..<4 {
            try setup.send("x")
            setup.pass(seconds: 1)
        }
        #expect(setup.channel.isActive)
        setup.pass(seconds: 2)
        #expect(!setup.channel.isActive)
    }

    /// Each read brings the end of one request and the begin of the next.
    @Test func everyRequestHasATimeOfItsOwn() throws {
        let setup = try Self.setup()
        for _ in 0..<30 {
            setup.sink.onRead = {
                setup.state.isBetweenRequests = false
                setup.state.completedRequests += 1
            }
            try setup.send("x")
            setup.pass(seconds: 1)
        }
        #expect(setup.channel.isActive)
        setup.sink.onRead = nil
        for _ in 0..<10 {
            try setup.send("x")
            setup.pass(seconds: 1)
        }
        #expect(!setup.channel.isActive)
    }

    @Test func anAnswerHasAllTheTime() throws {
        let setup = try Self.setup()
        setup.sink.onRead = {
            setup.state.inFlight = 1
            setup.state.completedRequests += 1
        }
        try setup.send("x")
        setup.pass(seconds: 300)
        #expect(setup.channel.isActive)
    }

    @Test func aShutdownWaitsNoLongerThanItsGrace() throws {
        let setup = try Self.setup()
        setup.state.inFlight = 1
        setup.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(setup.sink.events == ["ChannelShouldQuiesceEvent"])
        setup.pass(seconds: 9)
        #expect(setup.channel.isActive)
        setup.pass(seconds: 2)
        #expect(!setup.channel.isActive)
    }
}
