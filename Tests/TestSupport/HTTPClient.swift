import NIOCore
import NIOHTTP1
import NIOPosix

/// A complete answer, and when it was asked for and read.
package struct HTTPAnswer: Sendable {
    /// The status code.
    package let status: Int
    /// All headers, in order.
    package let headers: [(name: String, value: String)]
    /// The body.
    package let body: [UInt8]
    /// ``monotonicTime()`` before the first byte of the request was written.
    package let begun: UInt64
    /// ``monotonicTime()`` after the last byte of the answer was read.
    package let ended: UInt64

    /// The values of a header, whatever the case of its name.
    package func all(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// The first value of a header.
    package func header(_ name: String) -> String? { all(name).first }

    /// The body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }
    /// How long it took, in milliseconds.
    package var milliseconds: Double { Double(ended - begun) / 1e6 }
}

/// A request.
package struct HTTPCall: Sendable {
    /// The method.
    package var method: String
    /// Path and query.
    package var path: String
    /// Headers beyond Host and Content-Length.
    package var headers: [(String, String)]
    /// The body; nil for none.
    package var body: String?

    /// Puts a request together.
    package init(_ method: String, _ path: String, headers: [(String, String)] = [], body: String? = nil) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
    }
}

/// Why there was no answer.
package enum HTTPClientError: Error {
    /// The deadline passed.
    case deadline
    /// The connection ended before the answer was complete.
    case closed
}

/// An HTTP/1.1 client for one server, with as many kept-alive connections as there are requests at a time. Nothing
/// is retried: a test wants to know.
package final class HTTPClient: Sendable {
    /// Port of 127.0.0.1.
    package let port: Int
    private let idle = Mutexed<[any Channel]>([])
    private let examine: (@Sendable (HTTPCall, HTTPAnswer) -> Void)?

    /// A client; it connects when it has to.
    /// - Parameter examine: is shown every answer, after its time has been taken.
    package init(port: Int, examine: (@Sendable (HTTPCall, HTTPAnswer) -> Void)? = nil) {
        self.port = port
        self.examine = examine
    }

    deinit { disconnect() }

    /// Closes the connections that are not in use.
    package func disconnect() {
        let channels = idle.withLock { channels in
            defer { channels = [] }
            return channels
        }
        for channel in channels { channel.close(promise: nil) }
    }

    /// Sends a request and waits for the complete answer.
    /// - Parameter deadline: for all of it, the connection included.
    /// - Throws: ``HTTPClientError``, or what the connection failed with.
    package func send(_ call: HTTPCall, deadline: Duration = .seconds(10)) async throws -> HTTPAnswer {
        let limit = NIODeadline.now() + .nanoseconds(deadline.nanoseconds)
        let channel = try await connection(deadline: limit)
        let promise = channel.eventLoop.makePromise(of: Reply.self)
        let timeout = channel.eventLoop.scheduleTask(deadline: limit) {
            promise.fail(HTTPClientError.deadline)
            channel.close(promise: nil)
        }
        let begun = monotonicTime()
        channel.writeAndFlush(Request(call: call, port: port, promise: promise), promise: nil)
        defer { timeout.cancel() }
        let reply = try await promise.futureResult.get()
        if reply.isKeptAlive { idle.withLock { $0.append(channel) } }
        let answer = HTTPAnswer(
            status: reply.status,
            headers: reply.headers.map { ($0.name, $0.value) },
            body: reply.body,
            begun: begun,
            ended: reply.ended
        )
        examine?(call, answer)
        return answer
    }

    /// Sends a request and closes the connection without waiting for the answer.
    package func abandon(_ call: HTTPCall, after pause: Duration) async throws {
        let channel = try await connection(deadline: .now() + .seconds(10))
        let promise = channel.eventLoop.makePromise(of: Reply.self)
        promise.futureResult.whenComplete { _ in }
        channel.writeAndFlush(Request(call: call, port: port, promise: promise), promise: nil)
        try? await Task.sleep(for: pause)
        try? await channel.close()
    }

    private func connection(deadline: NIODeadline) async throws -> any Channel {
        while let channel = idle.withLock({ $0.popLast() }) {
            if channel.isActive { return channel }
        }
        let remaining = max(.milliseconds(1), deadline - .now())
        return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(remaining)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(ExchangeHandler())
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }
}

private struct Request: Sendable {
    let call: HTTPCall
    let port: Int
    let promise: EventLoopPromise<Reply>
}

private struct Reply: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]
    let isKeptAlive: Bool
    let ended: UInt64
}

/// One request at a time on one connection.
private final class ExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Request
    typealias OutboundOut = HTTPClientRequestPart

    private var promise: EventLoopPromise<Reply>?
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let request = unwrapOutboundIn(data)
        guard context.channel.isActive else { return request.promise.fail(HTTPClientError.closed) }
        self.promise = request.promise
        var head = HTTPRequestHead(
            version: .http1_1,
            method: HTTPMethod(rawValue: request.call.method),
            uri: request.call.path
        )
        head.headers.add(name: "Host", value: "127.0.0.1:\(request.port)")
        for (name, value) in request.call.headers { head.headers.add(name: name, value: value) }
        if let body = request.call.body {
            head.headers.add(name: "Content-Length", value: "\(body.utf8.count)")
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body = request.call.body {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        }
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part): body += part.readableBytesView
        case .end:
            guard let head, let promise else { return }
            self.promise = nil
            self.head = nil
            promise.succeed(
                Reply(
                    status: Int(head.status.code),
                    headers: head.headers,
                    body: body,
                    isKeptAlive: head.isKeepAlive,
                    ended: monotonicTime()
                )
            )
            if !head.isKeepAlive { context.close(promise: nil) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise?.fail(HTTPClientError.closed)
        promise = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise?.fail(error)
        promise = nil
        context.close(promise: nil)
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
