import Foundation
import GatewayAPI
import HTTPFront
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import Notifications
import ServiceKeys
import ServiceLifecycle
import SessionAuthentication
import SessionCore
import SessionGateway
import SessionJWT
import UnixSignals

extension Node {
    /// Puts gateway and front together and runs them, and the private Redis under them, until shutdown.
    func serve(
        redisURL: String,
        tokenKeys: TokenKeyRing,
        jwt: JWTConfiguration?,
        serviceKeys: ServiceKeyRing,
        webhooks: WebhookConfiguration,
        redis: PrivateRedis?
    ) async throws {
        let threads = self.configuration.eventLoops
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads == 0 ? System.coreCount : threads)
        do {
            var front = self.frontConfiguration
            if let jwt { front.jwt = await JWTIssuer(jwt, tokenKeys: tokenKeys) }
            front.webhooks = webhooks.receivers.map { WebhookJSON($0) }
            let gateway = try self.gateway(redisURL, tokenKeys, group, front)
            let metrics = MetricsRegistry()
            let application = try self.application(front, gateway, serviceKeys, group, metrics)
            // Stopped from the end: the front drains, then the gateway goes, then its Redis.
            var services: [any Service] = (redis.map { [$0] } ?? []) + [gateway]
            if !webhooks.receivers.isEmpty {
                services.append(
                    WebhookService(
                        webhooks,
                        gateway: gateway,
                        eventLoopGroup: group,
                        metrics: metrics,
                        logger: self.logger
                    )
                )
            }
            services.append(application)
            var lifecycle = ServiceGroupConfiguration(
                services: services,
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: self.logger
            )
            // The front cuts off what takes longer than the drain timeout; this is for the case that it cannot.
            lifecycle.maximumGracefulShutdownDuration = self.configuration.front.shutdownGrace + .seconds(10)
            try await ServiceGroup(configuration: lifecycle).run()
            self.logger.notice("Stopped")
        } catch {
            try? await group.shutdownGracefully()
            throw self.explained(error)
        }
        try? await group.shutdownGracefully()
    }

    private func gateway(
        _ redisURL: String,
        _ tokenKeys: TokenKeyRing,
        _ group: MultiThreadedEventLoopGroup,
        _ front: FrontConfiguration
    ) throws -> SessionGateway {
        var gateway = self.configuration.gateway
        gateway.redisURL = redisURL
        gateway.tokenKeys = tokenKeys
        gateway.nodeName =
            self.configuration.nodeName ?? "\(ProcessInfo.processInfo.hostName) \(self.configuration.listen)"
        do {
            return try SessionGateway(
                configuration: gateway,
                eventLoopGroup: group,
                logger: self.logger,
                render: answerRenderer(for: front)
            )
        } catch {
            throw ConfigurationError("redis-url and the gateway's settings: \(error)")
        }
    }

    private func application(
        _ front: FrontConfiguration,
        _ gateway: SessionGateway,
        _ serviceKeys: ServiceKeyRing,
        _ group: MultiThreadedEventLoopGroup,
        _ metrics: MetricsRegistry
    ) throws -> any Service {
        do {
            return try buildApplication(
                configuration: front,
                gateway: gateway,
                serviceKeys: serviceKeys,
                eventLoopGroup: group,
                logger: self.logger,
                metrics: metrics,
                // Not awaited: the server begins to accept when this returns, and has to answer "not ready".
                onServerRunning: { [self] channel in Task { await self.announce(channel, gateway) } }
            )
        } catch {
            throw ConfigurationError("tls-certificate and tls-key cannot be used: \(error)")
        }
    }

    /// Tells where the node serves, once it does: listening, connected, its journal applied.
    private func announce(_ channel: any Channel, _ gateway: SessionGateway) async {
        var address = self.configuration.listen
        if case .tcp(let host, 0) = address, let port = channel.localAddress?.port {
            address = .tcp(host: host, port: port)
        }
        do {
            try await gateway.waitUntilReady()
            self.logger.notice(
                "Serving",
                metadata: [
                    "address": "\(address)",
                    "redis": self.configuration.redisURL == nil ? "private" : "shared",
                ]
            )
            try await self.whenStarted(Started(gateway: gateway, address: address))
        } catch is CancellationError {
            // Shut down before it was ready.
        } catch {
            self.logger.error("Not ready", metadata: ["error": "\(error)"])
        }
    }

    private var frontConfiguration: FrontConfiguration {
        var front = self.configuration.front
        front.address =
            switch self.configuration.listen {
            case .tcp(let host, let port): .host(host, port: port)
            case .unix(let path): .unixSocket(path: path)
            }
        if let certificate = self.configuration.tlsCertificate, let key = self.configuration.tlsKey {
            front.tls = .init(certificateFile: certificate, keyFile: key)
        }
        front.cookie = SessionCookie(
            isSecure: self.configuration.isCookieSecure,
            sameSite: self.configuration.cookieSameSite,
            name: self.configuration.cookieName
        )
        return front
    }

    /// A listening socket that cannot be had is the commonest mistake at a start, and deserves its own words.
    private func explained(_ error: any Error) -> any Error {
        guard let error = error as? IOError, error.description.contains("bind") else { return error }
        return StartError.unusable(
            "cannot listen on \(self.configuration.listen): \(SystemError.text(error.errnoCode))"
        )
    }
}

extension WebhookJSON {
    /// A receiver as administrators see it.
    init(_ receiver: WebhookReceiver) {
        self.init(
            name: receiver.name,
            origin: receiver.origin,
            format: receiver.format.rawValue,
            kinds: receiver.kinds,
            organizations: receiver.organizations
        )
    }
}
