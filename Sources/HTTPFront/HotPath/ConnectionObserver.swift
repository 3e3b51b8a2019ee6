import Hummingbird
import NIOCore
import NIOHTTP1

/// Counts, between the HTTP decoder and Hummingbird, the requests that came and the responses that left, for
/// ``ConnectionState``; refuses what the decoder lets through and RFC 9112 does not; and says, and does, what
/// becomes of the connection.
final class ConnectionObserver: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let state: ConnectionState
    private let loop: LoopState
    private let maximumBodyBytes: Int
    private var bodyBytes = 0
    /// Whether the rest of what comes in is dropped.
    private var isRefusing = false
    /// Whether the request that is being read is one whose answer has no body.
    private var isHead = false
    /// What is wrong with what came in last; nothing is read after it.
    private var unreadable: Problem?
    /// The body that the answer to it gets.
    private var refusalBody: [UInt8]?
    /// What the response in turn says of the connection: `nil` where HTTP/1.1 says it by itself.
    private var connectionHeaders: CircularBuffer<String?> = []

    /// - Parameter maximumBodyBytes: a longer body closes the connection. Routes refuse shorter ones already; this
    ///   bounds what is read and thrown away after that.
    init(state: ConnectionState, loop: LoopState, maximumBodyBytes: Int) {
        self.state = state
        self.loop = loop
        self.maximumBodyBytes = maximumBodyBytes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isRefusing else { return }
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            guard Self.isAcceptable(head) else {
                // The decoder would go on to read what follows as another request.
                self.isRefusing = true
                self.isHead = head.method == .HEAD
                self.stop(at: HTTPParserError.invalidHeaderToken, context: context)
                return
            }
            self.state.inFlight += 1
            self.state.isBetweenRequests = false
            self.bodyBytes = 0
            self.isHead = head.method == .HEAD
            // The decoder reads nothing after CONNECT or a request to upgrade, keeps all that comes, and we never do
            // either: whoever sent the next request on this connection would wait for ever. Proxies that check a
            // WebSocket's token pass its headers on.
            let keepsAlive =
                head.isKeepAlive && head.method != .CONNECT && !head.headers.contains(name: "upgrade")
            if !keepsAlive { self.state.isTerminal = true }
            self.connectionHeaders.append(
                keepsAlive ? (Self.isOld(head.version) ? "keep-alive" : nil) : "close"
            )
        case .body(let buffer):
            self.bodyBytes += buffer.readableBytes
            if self.bodyBytes > self.maximumBodyBytes {
                self.isRefusing = true
                self.state.isTerminal = true
                context.close(promise: nil)
                return
            }
        case .end:
            self.isHead = false
            self.state.isBetweenRequests = true
            self.state.completedRequests += 1
            if self.connectionHeaders.last == "close" { self.state.dropsInput = true }
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch self.unwrapOutboundIn(data) {
        case .head(let head) where self.isBare(head):
            context.write(self.wrapOutboundOut(.head(self.refusal(head))), promise: promise)
            return
        case .head(var head):
            guard head.status.code >= 200, let connection = self.connectionHeaders.first ?? nil else { break }
            head.headers.replaceOrAdd(name: "connection", value: connection)
            context.write(self.wrapOutboundOut(.head(head)), promise: promise)
            return
        case .body: break
        case .end:
            if let body = self.refusalBody {
                self.refusalBody = nil
                context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
            }
            self.state.inFlight -= 1
            self.state.lastActivity = self.loop.tick
            let connection = self.connectionHeaders.popFirst() ?? nil
            if connection == "close" {
                self.state.closingSince = self.loop.tick
                context.writeAndFlush(data, promise: promise)
                context.close(mode: .output, promise: nil)
                return
            }
        }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.stop(at: error, context: context)
    }

    private func stop(at error: any Error, context: ChannelHandlerContext) {
        self.state.isTerminal = true
        self.state.dropsInput = true
        if error is HTTPParserError { self.unreadable = Problem(mapping: error) }
        context.fireErrorCaught(error)
    }

    /// Whether this is what Hummingbird answers, once it is its turn, to what cannot be read: 400 without a body.
    private func isBare(_ head: HTTPResponseHead) -> Bool {
        self.unreadable != nil && head.status == .badRequest && head.headers["content-length"] == ["0"]
    }

    /// The same with the reason.
    private func refusal(_ bare: HTTPResponseHead) -> HTTPResponseHead {
        guard let problem = self.unreadable else { return bare }
        let body = Response.jsonBytes(problem.json)
        // Where the answer to HEAD has no body, the connection's end still says where it is over.
        if !self.isHead { self.refusalBody = body }
        return HTTPResponseHead(
            version: bare.version,
            status: HTTPResponseStatus(statusCode: problem.status.code),
            headers: [
                "Date": String(decoding: self.loop.date, as: UTF8.self),
                "Content-Type": "application/problem+json",
                "Content-Length": "\(body.count)",
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
                "Connection": "close",
            ]
        )
    }

    private static func isOld(_ version: HTTPVersion) -> Bool { version.major < 1 || version == .http1_0 }

    /// RFC 9112 3.2: exactly one Host in HTTP/1.1. 6.1: a message with both Content-Length and
    /// Transfer-Encoding is an attempt at smuggling; where the coding is not ours, nobody knows where the body ends.
    private static func isAcceptable(_ head: HTTPRequestHead) -> Bool {
        let hosts = head.headers["host"].count
        guard hosts == 1 || (hosts == 0 && Self.isOld(head.version)) else { return false }
        let codings = head.headers["transfer-encoding"]
        guard !codings.isEmpty else { return true }
        return codings.count == 1 && codings[0].lowercased() == "chunked"
            && !head.headers.contains(name: "content-length")
    }
}
