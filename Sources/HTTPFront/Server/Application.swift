package import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
package import NIOCore
import NIOSSL
package import ServiceKeys
package import ServiceLifecycle
package import SessionCore
package import SessionGateway

/// Renders the answers that the near-cache keeps with its entries: hand it to the gateway.
package func answerRenderer(for configuration: FrontConfiguration) -> @Sendable (LiveSession) -> [UInt8] {
    let answers = CheckAnswers(family: configuration.identityHeaders)
    return { answers.render($0) }
}

/// Puts the server together.
/// - Parameters:
///   - gateway: made with the renderer of ``answerRenderer(for:)`` and on the same event loops, so that hits are
///     answered without rendering and misses without a hop.
///   - routes: the table; the console adds its own rows.
///   - services: run beside the server and stopped after it has drained, such as the gateway itself.
///   - onServerRunning: called with the listening channel.
/// - Throws: when the certificate or its key cannot be read.
package func buildApplication(
    configuration: FrontConfiguration,
    gateway: SessionGateway,
    serviceKeys: ServiceKeyRing,
    eventLoopGroup: any EventLoopGroup,
    logger: Logger,
    metrics: MetricsRegistry = MetricsRegistry(),
    routes: [Route] = Routes.all,
    services: [any Service] = [],
    onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
) throws -> some ApplicationProtocol {
    let front = Front(
        configuration: configuration,
        gateway: gateway,
        serviceKeys: serviceKeys,
        metrics: metrics
    )
    let router = Router(context: FrontContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: FrontMiddleware(front: front, routes: routes))
    Routes.register(routes, on: router, front: front)

    let address: BindAddress
    switch configuration.address {
    case .host(let host, let port): address = .hostname(host, port: port)
    case .unixSocket(let path): address = .unixDomainSocket(path: path)
    }
    return Application(
        router: router,
        server: try server(front),
        configuration: ApplicationConfiguration(
            address: address,
            serverName: nil,
            backlog: 1024,
            availableConnectionsDelegate: .maximum(configuration.maximumConnections, logger: logger)
        ),
        services: services,
        onServerRunning: onServerRunning,
        eventLoopGroupProvider: .shared(eventLoopGroup),
        logger: logger
    )
}

private func server(_ front: Front) throws -> HTTPServerBuilder {
    // 16 KiB and 64 fields: more than proxies send, and little for an attacker to fill memory with. The idle
    // timeout is our own, because it counts the hot path's requests as well.
    let limits = HTTP1Channel.Configuration.DecoderConfiguration(
        maxHeaderFieldSize: 16 * 1024,
        maxHeaderListSize: 16 * 1024,
        maxHeaderFieldCount: 64
    )
    let service = front.checkService
    let isHotPathOn = front.configuration.isHotPathOn
    let isSecure = front.configuration.tls != nil
    let http = HTTPServerBuilder { responder in
        FrontChannel(
            base: HTTP1Channel(
                responder: responder,
                configuration: .init(idleTimeout: nil, httpDecoderConfiguration: limits)
            ),
            service: service,
            maximumBodyBytes: 8 * 1024 * 1024,
            isSecure: isSecure,
            isHotPathOn: isHotPathOn
        )
    }
    guard let tls = front.configuration.tls else { return http }
    var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile(tls.certificateFile).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: tls.keyFile, format: .pem))
    )
    configuration.minimumTLSVersion = .tlsv12
    // TLS 1.2 with forward secrecy and authenticated encryption only (RFC 9325 4.2); those of TLS 1.3 are all so.
    configuration.cipherSuiteValues = [
        .TLS_AES_128_GCM_SHA256, .TLS_AES_256_GCM_SHA384, .TLS_CHACHA20_POLY1305_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]
    configuration.applicationProtocols = ["http/1.1"]
    return try .tls(http, tlsConfiguration: configuration)
}
