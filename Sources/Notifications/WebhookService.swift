package import CoreMetrics
package import Logging
package import NIOCore
import ServiceLifecycle
package import SessionGateway

/// Tells receivers what happens, each in the order of the log and at least once. One node at a time does it, whichever
/// holds the lease; how far each receiver has got is kept in Redis, so that the next one goes on there.
package struct WebhookService: Service {
    private let configuration: WebhookConfiguration
    private let gateway: SessionGateway
    private let eventLoopGroup: any EventLoopGroup
    private let metrics: (any MetricsFactory)?
    private let logger: Logger

    /// - Parameter metrics: where deliveries are counted.
    package init(
        _ configuration: WebhookConfiguration,
        gateway: SessionGateway,
        eventLoopGroup: any EventLoopGroup,
        metrics: (any MetricsFactory)? = nil,
        logger: Logger
    ) {
        self.configuration = configuration
        self.gateway = gateway
        self.eventLoopGroup = eventLoopGroup
        self.metrics = metrics
        self.logger = logger
    }

    /// Runs until it is told to stop or cancelled. A request that is under way is finished, and what it did noted.
    package func run() async throws {
        // Made here, because it has to be shut down whatever happens.
        let client = WebhookClient(
            eventLoopGroup: self.eventLoopGroup,
            timeout: self.configuration.timeout,
            userAgent: "portcullis/\(SessionGateway.version)"
        )
        // It is cancelled when the node drains: nothing that is waited for is worth waiting for then.
        await cancelWhenGracefulShutdown { await self.work(client) }
        await Task {
            await self.gateway.dropWebhookLease()
            await client.shutdown()
        }.value
    }

    private func work(_ client: WebhookClient) async {
        try? await self.gateway.waitUntilReady()
        let lease = DeliveryLease()
        while !Task.isCancelled {
            if await self.take(lease) {
                self.logger.info(
                    "Delivering webhooks",
                    metadata: ["receivers": "\(self.configuration.receivers.count)"]
                )
                await self.deliver(client, lease)
                lease.lose()
            }
            // Spread, so that nodes do not all ask at the same time.
            try? await Task.sleep(for: WebhookConfiguration.renewal * Double.random(in: 0.75...1.25))
        }
    }

    /// Serves all receivers for as long as the lease lasts, each by itself: a slow one holds up no other.
    private func deliver(_ client: WebhookClient, _ lease: DeliveryLease) async {
        await withTaskGroup { group in
            group.addTask { await self.keep(lease) }
            for receiver in self.configuration.receivers {
                let delivery = WebhookDelivery(
                    receiver,
                    configuration: self.configuration,
                    gateway: self.gateway,
                    client: client,
                    lease: lease,
                    counters: DeliveryCounters(receiver, self.metrics),
                    logger: self.logger
                )
                group.addTask { await delivery.run() }
            }
            // The lease ends first, or all of it is cancelled.
            await group.next()
            group.cancelAll()
        }
    }

    /// Renews the lease until another node has it. While Redis is away nobody else can have it, and it runs out by
    /// itself.
    private func keep(_ lease: DeliveryLease) async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: WebhookConfiguration.renewal) } catch { return }
            guard await self.take(lease) || lease.lasts(for: .zero) else { return }
        }
    }

    private func take(_ lease: DeliveryLease) async -> Bool {
        let begun = ContinuousClock.now
        let length = self.configuration.leaseLength
        do throws(GatewayError) {
            guard try await self.gateway.takeWebhookLease(length: length) else {
                lease.lose()
                return false
            }
            lease.renew(length, since: begun)
            return true
        } catch {
            return false
        }
    }
}

/// What is counted of a receiver.
struct DeliveryCounters: Sendable {
    private let handlers: [String: any CounterHandler]

    init(_ receiver: WebhookReceiver, _ factory: (any MetricsFactory)?) {
        var handlers: [String: any CounterHandler] = [:]
        for result in ["delivered", "failed", "refused", "given-up"] {
            handlers[result] = factory?.makeCounter(
                label: "portcullis.webhooks.total",
                dimensions: [("receiver", receiver.name), ("result", result)]
            )
        }
        self.handlers = handlers
    }

    func count(_ outcome: DeliveryOutcome) {
        switch outcome {
        case .delivered: self.handlers["delivered"]?.increment(by: 1)
        case .refused: self.handlers["refused"]?.increment(by: 1)
        case .failed: self.handlers["failed"]?.increment(by: 1)
        }
    }

    func countGivenUp() { self.handlers["given-up"]?.increment(by: 1) }
}
