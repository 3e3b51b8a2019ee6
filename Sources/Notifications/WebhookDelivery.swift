import Logging
import SessionCore
import SessionGateway

/// Serves one receiver for as long as this node may: reads the log from where it was, sends what it wants, one message
/// at a time, and notes each.
struct WebhookDelivery: Sendable {
    private let receiver: WebhookReceiver
    private let gateway: SessionGateway
    private let client: WebhookClient
    private let lease: DeliveryLease
    private let timeout: Duration
    private let policy: RetryPolicy
    private let counters: DeliveryCounters
    private let logger: Logger

    /// How often what was not for the receiver is noted as behind it, and how long it is waited for events: a position
    /// must not fall out of what the log keeps, nor be far behind when another node goes on.
    private static let rest: Duration = .seconds(5)

    /// Why serving has to begin anew.
    private enum Interruption: Error {
        /// Redis could not be asked.
        case unavailable
        /// Another node has noted something meanwhile.
        case overtaken
    }

    init(
        _ receiver: WebhookReceiver,
        configuration: WebhookConfiguration,
        gateway: SessionGateway,
        client: WebhookClient,
        lease: DeliveryLease,
        counters: DeliveryCounters,
        logger: Logger
    ) {
        self.receiver = receiver
        self.gateway = gateway
        self.client = client
        self.lease = lease
        self.timeout = configuration.timeout
        self.policy = RetryPolicy(giveUpAfter: configuration.giveUpAfter)
        self.counters = counters
        var logger = logger
        logger[metadataKey: "receiver"] = "\(receiver.name)"
        self.logger = logger
    }

    /// Runs until it is cancelled.
    func run() async {
        let writer = await MessageWriter(self.receiver)
        while !Task.isCancelled {
            do {
                try await self.serve(writer)
            } catch {
                self.logger.debug("Serving begins anew", metadata: ["reason": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func serve(_ writer: MessageWriter) async throws {
        var state = try await self.begin()
        guard let feed = try await self.gateway.listen(after: state.position, isOwn: true) else { return }
        var noted = ContinuousClock.now
        while let events = try await feed.next(within: Self.rest) {
            let present = state.position
            for event in events {
                switch event {
                case .entry(let item): try await self.serve(item, writer, &state)
                case .gap(let position): try await self.tell(gapAfter: position, writer, state)
                }
                if Task.isCancelled { return }
            }
            if state.position > present { noted = .now }
            // What was not for the receiver is behind it as well, also while there is always something else.
            if feed.position > state.position, ContinuousClock.now - noted >= Self.rest {
                try await self.note(&state) { $0.position = feed.position }
                noted = .now
            }
        }
        // It was too slow for what waits in memory, and goes on from what it has got.
    }

    /// Where the receiver is. A new one hears of what happens from now on.
    private func begin() async throws -> WebhookState {
        if let state = try await self.gateway.webhooks()[self.receiver.name] { return state }
        let last = try await self.gateway.logBounds()?.last
        let state = WebhookState(position: last ?? .start)
        guard try await self.gateway.advanceWebhook(self.receiver.name, from: nil, to: state) else {
            throw Interruption.overtaken
        }
        return state
    }

    /// Sends an entry until it has arrived, was refused, or is given up.
    private func serve(_ item: FeedItem, _ writer: MessageWriter, _ state: inout WebhookState) async throws {
        guard item.position > state.position, self.receiver.wants(item.entry) else { return }
        while !Task.isCancelled {
            if self.policy.isHopeless(item.entry, state, now: self.now) {
                try await self.note(&state) { $0.giveUp(at: item.position) }
                return self.reportGivenUp(item, state)
            }
            try await self.waitForLease()
            // Finished, and noted, also when this node is told to stop meanwhile: the receiver would get it twice.
            let (decision, next) = try await Task { [state] in
                var state = state
                let decision = try await self.attempt(item, writer, &state)
                return (decision, state)
            }.value
            state = next
            switch decision {
            case .proceed: return
            case .giveUp: return self.reportGivenUp(item, state)
            case .retry(let pause): try await Task.sleep(for: pause)
            }
        }
    }

    private func attempt(
        _ item: FeedItem,
        _ writer: MessageWriter,
        _ state: inout WebhookState
    ) async throws -> DeliveryDecision {
        guard let message = try await writer.message(item.entry, now: self.now) else { return .proceed }
        let outcome = await self.client.send(message, to: self.receiver)
        self.counters.count(outcome)
        self.report(outcome, item, state)
        var decision = DeliveryDecision.proceed
        try await self.note(&state) {
            decision = $0.record(
                outcome,
                of: item.entry,
                at: item.position,
                now: self.now,
                policy: self.policy,
                jitter: Double.random(in: 0...1)
            )
        }
        return decision
    }

    /// Tells that events are missing; once, because nothing can be noted of it.
    private func tell(gapAfter position: AuditPosition, _ writer: MessageWriter, _ state: WebhookState)
        async throws
    {
        self.logger.error(
            "Events are missing: the log no longer had them",
            metadata: ["after": "\(position)"]
        )
        guard let message = writer.message(gapAfter: position, now: self.now) else { return }
        try await self.waitForLease()
        self.counters.count(await self.client.send(message, to: self.receiver))
    }

    /// Changes the state and notes it in Redis.
    private func note(_ state: inout WebhookState, _ change: (inout WebhookState) -> Void) async throws {
        let position = state.position
        change(&state)
        guard try await self.gateway.advanceWebhook(self.receiver.name, from: position, to: state) else {
            throw Interruption.overtaken
        }
    }

    private func waitForLease() async throws {
        while !self.lease.lasts(for: self.timeout) { try await Task.sleep(for: .milliseconds(100)) }
    }

    /// Redis's time, or this machine's where that is not known.
    private var now: Timestamp { self.gateway.now ?? WallClock.now() }

    private func report(_ outcome: DeliveryOutcome, _ item: FeedItem, _ state: WebhookState) {
        let metadata: Logger.Metadata = ["event": "\(item.position)", "kind": "\(item.entry.kind)"]
        switch outcome {
        case .delivered:
            if state.attempts > 0 { self.logger.notice("Webhooks arrive again", metadata: metadata) }
        case .refused(let reason):
            self.logger.warning(
                "Webhook refused for good",
                metadata: metadata.merging(["reason": "\(reason)"]) { $1 }
            )
        case .failed(let reason):
            // One line when it begins; how it goes on is in the list of webhooks and the metrics.
            guard state.attempts == 0 else { return }
            self.logger.warning(
                "Webhook failed; it is tried again",
                metadata: metadata.merging(["reason": "\(reason)"]) { $1 }
            )
        }
    }

    private func reportGivenUp(_ item: FeedItem, _ state: WebhookState) {
        self.counters.countGivenUp()
        self.logger.error(
            "Webhook given up",
            metadata: [
                "event": "\(item.position)", "kind": "\(item.entry.kind)",
                "reason": "\(state.lastError ?? "")",
            ]
        )
    }
}
