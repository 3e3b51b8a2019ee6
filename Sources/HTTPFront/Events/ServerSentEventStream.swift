import GatewayAPI
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceKeys
import ServiceLifecycle
import SessionCore
import SessionGateway

/// The body of an answer that goes on as long as its client listens, may, and keeps up.
struct ServerSentEventStream: Sendable {
    let subscription: EventSubscription
    /// How long nothing may be sent, and how long it may take at most until it is found out that somebody may no longer
    /// listen.
    let heartbeat: Duration
    /// Whether the caller still may; `nil` while that cannot be found out.
    let mayListen: @Sendable () async -> Bool?

    /// What a browser waits before it comes back.
    private static let retry: Duration = .seconds(2)
    /// How soon it is asked again who could not be asked.
    private static let doubt: Duration = .seconds(1)

    /// Writes until it is over. An end of the whole answer, not a broken connection, unless the client is the cause.
    func write(to writer: inout any ResponseBodyWriter) async throws {
        // First the position, so that a client that comes back before the first event misses none.
        var sent = self.subscription.position
        let first = ServerSentEvent.retry(Self.retry) + ServerSentEvent.text(id: sent.description)
        try await writer.write(ByteBuffer(bytes: first))
        var examination = ContinuousClock.now + self.heartbeat
        while let events = await self.next(until: examination) {
            // Before anything more is sent. In doubt it is over too: the client comes back, and is examined then.
            if events.contains(where: self.concernsListener), await self.mayListen() != true { break }
            var bytes: [UInt8] = []
            for event in events where self.isWanted(event) { bytes += Self.text(event) }
            if !bytes.isEmpty {
                try await writer.write(ByteBuffer(bytes: bytes))
                sent = self.subscription.position
            }
            guard ContinuousClock.now >= examination else { continue }
            let answer = await self.mayListen()
            if answer == false { break }
            examination = ContinuousClock.now + (answer == nil ? Self.doubt : self.heartbeat)
            let position = self.subscription.position
            var beat = ServerSentEvent.comment("heartbeat")
            // What was passed over counts: who hears of little should not come back with an old position.
            beat += ServerSentEvent.text(id: position == sent ? nil : position.description)
            sent = position
            try await writer.write(ByteBuffer(bytes: beat))
        }
    }

    /// - Returns: `nil` when there will be no more, or what was missed cannot be read: the client comes back.
    private func next(until deadline: ContinuousClock.Instant) async -> [FeedEvent]? {
        let limit = max(.zero, deadline - .now)
        return (try? await self.subscription.next(within: limit)) ?? nil
    }

    /// Whether it may take the caller's right to listen away; so may what is missing.
    private func concernsListener(_ event: FeedEvent) -> Bool {
        switch event {
        case .entry(let item): self.subscription.filter.concernsListener(item.entry)
        case .gap: self.subscription.filter.listener != nil
        }
    }

    private func isWanted(_ event: FeedEvent) -> Bool {
        switch event {
        case .entry(let item): self.subscription.filter.wants(item.entry)
        case .gap: true
        }
    }

    /// An event as it is sent.
    static func text(_ event: FeedEvent) -> [UInt8] {
        switch event {
        case .entry(let item):
            item.text { entry in
                ServerSentEvent.text(
                    id: entry.position.description,
                    kind: entry.kind,
                    data: EventText.json(EventJSON(entry))
                )
            }
        case .gap(let position):
            // Without an id: whoever comes back before the next event is told once more.
            ServerSentEvent.text(
                kind: EventKind.gap.rawValue,
                data: EventText.json(EventJSON(gapAfter: position))
            )
        }
    }
}

extension RouteCall {
    /// The answer that streams what a subscription brings.
    func stream(_ subscription: EventSubscription) -> Response {
        let stream = ServerSentEventStream(
            subscription: subscription,
            heartbeat: self.front.configuration.eventHeartbeat,
            mayListen: { await self.mayStillListen() }
        )
        let channel = self.context.channel
        // It may be stuck in writing to a client that does not read: only this gets it out of there.
        subscription.whenCut { channel.close(promise: nil) }
        let body = ResponseBody { [request] writer in
            try await withGracefulShutdownHandler {
                try await request.body.consumeWithInboundCloseHandler { _ in
                    try await stream.write(to: &writer)
                } onInboundClosed: {
                    subscription.end()
                }
            } onGracefulShutdown: {
                subscription.end()
            }
            try await writer.finish(nil)
        }
        var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        // Its reading half has been used up for noticing that the client goes.
        headers[.connection] = "close"
        // nginx would gather events before it passes them on.
        if let buffering = HTTPField.Name("X-Accel-Buffering") { headers[buffering] = "no" }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Whether who began to listen still may. Does not count as activity: a page that listens must not keep its
    /// session alive.
    private func mayStillListen() async -> Bool? {
        guard let session = self.caller.session else {
            // A key is looked up in memory.
            var seen = Caller.anonymous
            return (try? await self.front.authorize(self.request, as: .observer(.check), seen: &seen)) != nil
        }
        do throws(GatewayError) {
            guard let overview = try await self.gateway.session(session.id), overview.end == nil else {
                return false
            }
            return overview.session.roles.contains(self.front.configuration.administratorRole)
        } catch {
            return nil
        }
    }
}
