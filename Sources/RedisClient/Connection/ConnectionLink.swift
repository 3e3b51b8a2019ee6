import Logging
import NIOCore

/// Keeps one event loop connected to one node: runs what ``LinkMachine`` decides. Confined to its event loop.
final class ConnectionLink {
    private let eventLoop: any EventLoop
    private let configuration: RedisConfiguration
    private let resolver: any EndpointResolver
    private let connector: Connector
    private let admission: ServerAdmission
    private let board: ConnectionRegistry
    private let logger: Logger
    private var machine: LinkMachine<SystemRandomNumberGenerator>
    private var handler: ConnectionHandler?
    private var timeout: Scheduled<Void>?
    private var isComplaining = false

    init(
        eventLoop: any EventLoop,
        configuration: RedisConfiguration,
        resolver: any EndpointResolver,
        connector: Connector,
        admission: ServerAdmission,
        board: ConnectionRegistry,
        logger: Logger
    ) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.resolver = resolver
        self.connector = connector
        self.admission = admission
        self.board = board
        self.logger = logger
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

    private func run(_ action: LinkMachine<SystemRandomNumberGenerator>.Action) {
        switch action {
        case .none: break
        case .connect(let attempt): connect(attempt)
        case .close: handler?.close(RedisError(.unavailable, "the client is shut down"))
        case .wait(let pause, let attempt):
            eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(pause)) {
                self.run(self.machine.timerFired(attempt: attempt))
            }
        }
    }

    private func connect(_ attempt: Int) {
        let handler = ConnectionHandler(eventLoop: eventLoop, configuration: configuration) { event in
            switch event {
            case .identified(let identity): self.identified(identity, attempt)
            case .retiring:
                self.board.withdraw(on: self.eventLoop, reason: "the server is no longer a master")
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
                // Ends the attempt through ``lost(_:_:)`` unless the timeout has done so already.
                handler.close(RedisError(.unavailable, "\(error)"))
            }
    }

    private func identified(_ identity: ServerIdentity, _ attempt: Int) {
        timeout?.cancel()
        guard let handler, machine.isCurrent(attempt) else { return }
        let connection = RedisConnection(
            eventLoop: eventLoop,
            identity: identity,
            commandTimeout: configuration.commandTimeout,
            handler: NIOLoopBound(handler, eventLoop: eventLoop)
        )
        guard !admission.isOpen(for: identity) else { return admitted(connection, attempt) }
        let link = NIOLoopBound(self, eventLoop: eventLoop)
        Task { [admission] in
            do {
                try await admission.admit(connection)
                connection.eventLoop.execute { link.value.admitted(connection, attempt) }
            } catch {
                connection.eventLoop.execute { link.value.refused(error, attempt) }
            }
        }
    }

    private func admitted(_ connection: RedisConnection, _ attempt: Int) {
        guard let handler, machine.isCurrent(attempt), handler.admit(),
            machine.up(attempt: attempt, now: eventLoop.now)
        else { return }
        isComplaining = false
        logger.info(
            "connected to Redis",
            metadata: [
                "version": "\(connection.identity.version)", "run_id": "\(connection.identity.runID)",
                "role": "\(connection.identity.role)",
            ]
        )
        board.publish(connection)
    }

    private func refused(_ error: any Error, _ attempt: Int) {
        guard machine.isCurrent(attempt) else { return }
        handler?.close(RedisError(.unavailable, "the gate refused: \(error)"))
    }

    private func lost(_ error: RedisError, _ attempt: Int) {
        timeout?.cancel()
        handler = nil
        board.withdraw(on: eventLoop, reason: error.message)
        if !machine.isStopped {
            // Once a trouble, not once an attempt: there may be a hundred attempts a minute.
            logger.log(
                level: isComplaining ? .debug : .warning,
                "no connection to Redis",
                metadata: ["reason": "\(error)"]
            )
            isComplaining = true
        }
        run(machine.lost(attempt: attempt, now: eventLoop.now))
    }
}
