import NIOCore
import NIOHTTP1
import NIOPosix

/// A receiver of webhooks on 127.0.0.1 that answers as a test says, and can be down for a while.
package final class WebhookSink: Sendable {
    /// A request that came in whole.
    package struct Request: Sendable {
        package let method: String
        package let path: String
        package let headers: [(name: String, value: String)]
        package let body: [UInt8]

        /// The value of a header, if it is there once.
        package func header(_ name: String) -> String? {
            let values = headers.filter { $0.name.lowercased() == name.lowercased() }
            return values.count == 1 ? values[0].value : nil
        }

        /// The body as text.
        package var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// What to answer.
    package struct Reply: Sendable {
        package var status = 204
        package var headers: [(String, String)] = []
        package var body = ""
        /// How long to wait before.
        package var pause: Duration = .zero

        package init(
            _ status: Int = 204,
            headers: [(String, String)] = [],
            body: String = "",
            pause: Duration = .zero
        ) {
            self.status = status
            self.headers = headers
            self.body = body
            self.pause = pause
        }
    }

    private struct State {
        var channel: (any Channel)?
        var children: [any Channel] = []
        var requests: [(request: Request, status: Int)] = []
        var rule: @Sendable (Request, Int) -> Reply = { _, _ in Reply() }
    }

    /// Its port, also while it is down.
    package let port: Int
    private let state = Mutexed(State())

    private init(port: Int) { self.port = port }

    /// Starts a receiver on a free port.
    package static func start() async throws -> WebhookSink {
        let sink = WebhookSink(port: try freePort())
        try await sink.listen()
        return sink
    }

    /// A receiver that is not there yet.
    package static func down() throws -> WebhookSink { WebhookSink(port: try freePort()) }

    /// Has requests answered by `rule`, which is given each and how many came before it.
    package func answer(_ rule: @escaping @Sendable (Request, Int) -> Reply) {
        state.withLock { $0.rule = rule }
    }

    /// All requests so far, in order.
    package var requests: [Request] { state.withLock { $0.requests.map(\.request) } }

    /// Those that were answered with 2xx.
    package var accepted: [Request] {
        state.withLock { $0.requests.filter { (200..<300).contains($0.status) }.map(\.request) }
    }

    /// Begins to listen.
    package func listen() async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                self.state.withLock { $0.children.append(channel) }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(sink: self))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        state.withLock { $0.channel = channel }
    }

    /// Stops listening and closes every connection.
    package func close() async {
        let channels = state.withLock { state in
            defer { (state.channel, state.children) = (nil, []) }
            return [state.channel].compactMap { $0 } + state.children
        }
        for channel in channels { try? await channel.close() }
    }

    private func reply(to request: Request) -> Reply {
        let (rule, count) = state.withLock { ($0.rule, $0.requests.count) }
        let reply = rule(request, count)
        state.withLock { $0.requests.append((request, reply.status)) }
        return reply
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let sink: WebhookSink
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(sink: WebhookSink) { self.sink = sink }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): (self.head, body) = (head, [])
            case .body(let part): body += part.readableBytesView
            case .end:
                guard let head else { return }
                let reply = sink.reply(
                    to: Request(
                        method: head.method.rawValue,
                        path: head.uri,
                        headers: head.headers.map { ($0.name, $0.value) },
                        body: body
                    )
                )
                let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
                let pause = TimeAmount.milliseconds(
                    reply.pause.components.seconds * 1000 + reply.pause.components.attoseconds
                        / 1_000_000_000_000_000
                )
                context.eventLoop.scheduleTask(in: pause) { Self.write(reply, bound.value) }
            }
        }

        private static func write(_ reply: Reply, _ context: ChannelHandlerContext) {
            guard context.channel.isActive else { return }
            var headers = HTTPHeaders(reply.headers)
            headers.add(name: "Content-Length", value: "\(reply.body.utf8.count)")
            let response = HTTPResponseHead(
                version: .http1_1,
                status: HTTPResponseStatus(statusCode: reply.status),
                headers: headers
            )
            func wrap(_ part: HTTPServerResponsePart) -> NIOAny { NIOAny(part) }
            context.write(wrap(.head(response)), promise: nil)
            context.write(wrap(.body(.byteBuffer(ByteBuffer(string: reply.body)))), promise: nil)
            context.writeAndFlush(wrap(.end(nil)), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
