import Logging
import NIOCore

/// The connections to one node: one for each event loop.
final class NodeLinks: Sendable {
    let board: ConnectionRegistry
    private let links: [NIOLoopBoundBox<ConnectionLink>]

    init(
        configuration: RedisConfiguration,
        resolver: any EndpointResolver,
        eventLoops: [any EventLoop],
        admission: ServerAdmission,
        logger: Logger
    ) {
        let board = ConnectionRegistry(eventLoops)
        let connector = Connector(connectTimeout: configuration.connectTimeout)
        self.board = board
        links = eventLoops.map { eventLoop in
            NIOLoopBoundBox.makeBoxSendingValue(
                ConnectionLink(
                    eventLoop: eventLoop,
                    configuration: configuration,
                    resolver: resolver,
                    connector: connector,
                    admission: admission,
                    board: board,
                    logger: logger
                ),
                eventLoop: eventLoop
            )
        }
    }

    /// Begins connecting.
    func start() {
        for link in links {
            link.eventLoop.execute { link.value.start() }
        }
    }

    /// Closes every connection; all pending commands have been answered when it returns.
    func stop() async {
        board.close()
        for link in links {
            // Fails only when the event loop is gone, and with it the link.
            try? await link.eventLoop.submit { link.value.stop() }.get()
        }
    }
}
