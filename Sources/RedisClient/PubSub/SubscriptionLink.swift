import Logging
import NIOCore

/// Keeps the subscription connected: runs what ``LinkMachine`` decides. Confined to its event loop.
final class SubscriptionLink {
    private let eventLoop: any EventLoop
    private let configuration: RedisConfiguration
    private let channels: [String]
    private let resolver: any EndpointResolver
    private let connector: Connector
    private let logger: Logger
    private let onEvent: @Sendable (RedisSubscriber.Event) -> Void
    private var machine: LinkMachine<SystemRandomNumberGenerator>
    private var handler: SubscriptionHandler?
    private var timeout: Scheduled<Void>?
    private var isComplaining = false
    /// ``RedisSubscriber/Event/connected(_:)`` has been told, ``RedisSubscriber/Event/lost(_:)`` not yet.
    private var isConnected = false

    init(
        eventLoop: any EventLoop,
        configuration: RedisConfiguration,
        channels: [String],
        resolver: any EndpointResolver,
        logger: Logger,
        onEvent: @escaping @Sendable (RedisSubscriber.Event) -> Void
    ) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.channels = channels
        self.resolver = resolver
        self.logger = logger
        self.onEvent = onEvent
        connector = Connector(connectTimeout: configuration.connectTimeout)
        let backoff = Backoff(base: configuration.baseReconnectDelay, limit: configuration.maxReconnectDelay)
        machine = LinkMachine(backoff: backoff, generator: SystemRandomNumberGenerator())
    }

    func start() {
        run(machine.start())
    }

    /// Closes what is open and never connects again.
    func stop() {
        run(machine.stop())
    }

    /// Closes what is open; connects again.
    func drop() {
        handler?.close(RedisError(.connectionLost, "dropped by the caller"))
    }

    private func run(_ action: LinkMachine<SystemRandomNumberGenerator>.Action) {
        switch action {
        case .none: break
        case .connect(let attempt): connect(attempt)
        case .close: handler?.close(RedisError(.unavailable, "the subscription is shut down"))
        case .wait(let pause, let attempt):
            eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(pause)) {
                self.run(self.machine.timerFired(attempt: attempt))
            }
        }
    }

    private func connect(_ attempt: Int) {
        let handler = SubscriptionHandler(
            eventLoop: eventLoop,
            configuration: configuration,
            channels: channels
        ) { event in
            switch event {
            case .identified(let identity): self.identified(identity)
            case .subscribed: self.subscribed(attempt)
            case .message(let channel, let payload):
                self.onEvent(.message(channel: channel, payload: payload))
            case .closed(let error): self.lost(error, attempt)
            }
        }
        self.handler = handler
        timeout = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(configuration.connectTimeout)) {
            handler.close(RedisError(.unavailable, "no connection in time"))
        }
        resolver.resolve(on: eventLoop).assumeIsolated()
            .flatMap { endpoint in
                self.connector.open(endpoint, on: self.eventLoop, handler: handler)
            }
            .whenFailure { error in
                handler.close(RedisError(.unavailable, "\(error)"))
            }
    }

    private func identified(_ identity: ServerIdentity) {
        timeout?.cancel()
        isConnected = true
        onEvent(.connected(identity))
    }

    private func subscribed(_ attempt: Int) {
        guard machine.up(attempt: attempt, now: eventLoop.now) else { return }
        isComplaining = false
        onEvent(.subscribed)
    }

    private func lost(_ error: RedisError, _ attempt: Int) {
        timeout?.cancel()
        handler = nil
        if !machine.isStopped {
            // Once a trouble, not once an attempt: there may be a hundred attempts a minute.
            logger.log(
                level: isComplaining ? .debug : .warning,
                "no subscription to Redis",
                metadata: ["reason": "\(error)"]
            )
            isComplaining = true
        }
        // Before the owner is told: it may stop or drop the link in turn.
        let next = machine.lost(attempt: attempt, now: eventLoop.now)
        if isConnected {
            isConnected = false
            onEvent(.lost(error))
        }
        run(next)
    }
}
