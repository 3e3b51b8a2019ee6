import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// An application that answers with what it was sent, and agrees to become a WebSocket.
struct EchoServer {
    struct Seen: Codable {
        let method: String
        let uri: String
        let headers: [[String]]

        func values(_ name: String) -> [String] {
            headers.filter { $0.first?.lowercased() == name }.compactMap(\.last)
        }
    }

    /// The key of RFC 6455 1.3 and the answer to it, which HAProxy verifies.
    static let webSocketKey = "dGhlIHNhbXBsZSBub25jZQ=="
    private static let webSocketAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    private let channel: any Channel
    var port: Int { channel.localAddress?.port ?? 0 }

    /// - Parameters:
    ///   - status: of every answer.
    ///   - note: is shown every request.
    static func start(
        status: Int = 200,
        noting note: @escaping @Sendable (Seen) -> Void = { _ in }
    ) async throws -> EchoServer {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        Handler(status: HTTPResponseStatus(statusCode: status), note: note)
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return EchoServer(channel: channel)
    }

    func stop() async throws { try await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let status: HTTPResponseStatus
        private let note: @Sendable (Seen) -> Void
        private var head: HTTPRequestHead?

        init(status: HTTPResponseStatus, note: @escaping @Sendable (Seen) -> Void) {
            self.status = status
            self.note = note
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body: break
            case .end:
                guard let head else { return }
                head.headers.contains(name: "Upgrade") ? switchOver(context, head) : answer(context, head)
            }
        }

        private func answer(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
            let seen = Seen(
                method: head.method.rawValue,
                uri: head.uri,
                headers: head.headers.map { [$0.name, $0.value] }
            )
            note(seen)
            let body = ByteBuffer(bytes: (try? JSONEncoder().encode(seen)) ?? Data())
            let headers = HTTPHeaders([("Content-Length", "\(body.readableBytes)")])
            let response = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
            context.write(wrapOutboundOut(.head(response)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }

        private func switchOver(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
            let headers = HTTPHeaders([
                ("Connection", "Upgrade"), ("Upgrade", "websocket"),
                ("Sec-WebSocket-Accept", EchoServer.webSocketAccept),
                ("X-Seen-User", head.headers["X-Session-User"].joined(separator: "|")),
            ])
            let response = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
            context.writeAndFlush(wrapOutboundOut(.head(response)), promise: nil)
        }
    }
}
