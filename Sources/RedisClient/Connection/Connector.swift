import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Opens sockets to Redis.
final class Connector: Sendable {
    private let connectTimeout: TimeAmount
    /// Made at first use, once for a kind of trust: reading the authorities takes milliseconds.
    private let contexts = Mutex<[RedisEndpoint.TLS.Trust: NIOSSLContext]>([:])

    init(connectTimeout: Duration) {
        self.connectTimeout = TimeAmount(connectTimeout)
    }

    /// Opens a connection with `handler` as its last handler. Must be called on `eventLoop`.
    func open(
        _ endpoint: RedisEndpoint,
        on eventLoop: any EventLoop,
        handler: some ChannelInboundHandler
    ) -> EventLoopFuture<any Channel> {
        let handler = NIOLoopBound(handler, eventLoop: eventLoop)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(connectTimeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls = endpoint.tls {
                        try channel.pipeline.syncOperations.addHandler(self.tlsHandler(tls, endpoint.address))
                    }
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
        switch endpoint.address {
        case .unix(let path):
            return bootstrap.connect(unixDomainSocketPath: path)
        case .tcp(let host, let port):
            return
                bootstrap
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .connect(host: host, port: port)
        }
    }

    private func tlsHandler(
        _ tls: RedisEndpoint.TLS,
        _ address: RedisEndpoint.Address
    ) throws -> NIOSSLClientHandler {
        var name = tls.serverName
        if name == nil, case .tcp(let host, _) = address, !Self.isAddress(host) { name = host }
        // Without a name the certificate must bear the peer's IP address.
        return try NIOSSLClientHandler(context: context(tls.trust), serverHostname: name)
    }

    private func context(_ trust: RedisEndpoint.TLS.Trust) throws -> NIOSSLContext {
        try contexts.withLock { contexts in
            if let context = contexts[trust] { return context }
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            switch trust {
            case .system: break
            case .file(let path): configuration.trustRoots = .file(path)
            case .insecureAny: configuration.certificateVerification = .none
            }
            let context = try NIOSSLContext(configuration: configuration)
            contexts[trust] = context
            return context
        }
    }

    private static func isAddress(_ host: String) -> Bool {
        (try? SocketAddress(ipAddress: host, port: 0)) != nil
    }
}
