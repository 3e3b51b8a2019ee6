package import Logging
package import NIOCore

/// A connection of its own that carries nothing but a subscription, and comes back by itself.
///
/// Whoever caches what the messages invalidate must forget everything at ``Event/connected(_:)`` and may trust the
/// subscription only from ``Event/subscribed`` on: what was published in between is lost.
package final class RedisSubscriber: Sendable {
    /// What happens on the connection: `connected`, `subscribed`, any number of `message`s, `lost`, and again.
    package enum Event: Sendable {
        /// The server has been identified; nothing is subscribed yet.
        case connected(ServerIdentity)
        /// All channels are confirmed: from now on nothing is missed until `lost`.
        case subscribed
        /// A message; those of one connection come in the order in which Redis published them.
        case message(channel: String, payload: ByteBuffer)
        /// The connection is gone. Comes once after each `connected`; attempts that fail earlier tell nothing.
        case lost(RedisError)
    }

    private let eventLoop: any EventLoop
    private let link: NIOLoopBoundBox<SubscriptionLink>

    /// A subscription; ``start()`` begins connecting.
    /// - Parameters:
    ///   - channels: exact names, at least one.
    ///   - onEvent: called strictly in order, synchronously on `eventLoop`; it must return quickly, and there is no
    ///     queue before it.
    package init(
        configuration: RedisConfiguration,
        channels: [String],
        eventLoop: any EventLoop,
        logger: Logger,
        onEvent: @escaping @Sendable (Event) -> Void
    ) {
        self.eventLoop = eventLoop
        link = NIOLoopBoundBox.makeBoxSendingValue(
            SubscriptionLink(
                eventLoop: eventLoop,
                configuration: configuration,
                channels: channels,
                resolver: FixedEndpoint(endpoint: configuration.endpoint),
                logger: logger,
                onEvent: onEvent
            ),
            eventLoop: eventLoop
        )
    }

    /// Begins connecting, and returns at once.
    package func start() {
        eventLoop.execute { [link] in link.value.start() }
    }

    /// Closes the connection and never opens another. The last event has been told when it returns.
    package func shutdown() async {
        // Fails only when the event loop is gone, and with it the link.
        try? await eventLoop.submit { [link] in link.value.stop() }.get()
    }

    /// Closes the connection, as a loss would; another one is opened.
    package func dropConnection() {
        eventLoop.execute { [link] in link.value.drop() }
    }
}
