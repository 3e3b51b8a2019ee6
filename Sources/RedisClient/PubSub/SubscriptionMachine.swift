import NIOCore

/// The rules of one subscription connection (RESP2: after the first SUBSCRIBE everything that comes is a push).
///
/// ```
/// connecting ─connected→ handshaking ─identified→ subscribing ─all confirmed→ subscribed
///      └──────────────────────┴───────close────────────┴──────────────────────────┴→ closed
/// ```
/// The link is pinged all the time; a ping that nothing follows shows that the link is dead, or the server stopped.
/// Silence alone shows nothing: this process itself may have been stopped and not have pinged.
struct SubscriptionMachine {
    private enum Phase {
        case connecting
        case handshaking(Handshake)
        /// The channels not confirmed yet.
        case subscribing(Set<RedisKey>)
        case subscribed
        case closed
    }

    /// What to do with a reply.
    enum Action: Equatable {
        case none
        /// Tell the owner, then subscribe.
        case subscribe(ServerIdentity)
        case subscribed
        case message(channel: String, payload: ByteBuffer)
        case close(RedisError)
    }

    /// What to do at a look at the clock.
    enum Tick: Equatable {
        case none
        case ping
        case close(RedisError)
    }

    private var phase: Phase = .connecting
    private let channels: Set<RedisKey>
    private let pingInterval: TimeAmount
    private var lastReceived: NIODeadline
    private var lastPing: NIODeadline
    /// A ping has been sent, and nothing has come since.
    private var isPingPending = false

    /// - Parameter channels: what to subscribe to; at least one.
    init(channels: [String], pingInterval: TimeAmount, now: NIODeadline) {
        self.channels = Set(channels.map { RedisKey($0) })
        self.pingInterval = pingInterval
        lastReceived = now
        lastPing = now
    }

    var isClosed: Bool { if case .closed = phase { true } else { false } }

    /// The socket is open. False when the connection was closed meanwhile.
    mutating func connected(_ handshake: Handshake, now: NIODeadline) -> Bool {
        guard case .connecting = phase else { return false }
        phase = .handshaking(handshake)
        lastReceived = now
        return true
    }

    /// True the first time.
    mutating func close() -> Bool {
        guard !isClosed else { return false }
        phase = .closed
        return true
    }

    /// Bytes came in, be they a whole reply or not.
    mutating func receivedBytes(now: NIODeadline) {
        lastReceived = now
        isPingPending = false
    }

    /// A whole reply came in.
    mutating func received(_ reply: RedisValue, now: NIODeadline) -> Action {
        if case .handshaking(var handshake) = phase {
            switch handshake.received(reply) {
            case .pending:
                phase = .handshaking(handshake)
                return .none
            case .failed(let error): return .close(error)
            case .identified(let identity):
                phase = .subscribing(channels)
                // SUBSCRIBE is answered like a ping, and watched like one.
                lastPing = now
                isPingPending = true
                return .subscribe(identity)
            }
        }
        if case .error(let error) = reply { return .close(error) }
        guard let push = reply.elements, let kind = push.first?.string else { return Self.unexpected }
        switch phase {
        case .subscribing(var missing):
            guard kind == "subscribe" else { return message(kind, push) }
            guard push.count == 3, let name = push[1].string, missing.remove(RedisKey(name)) != nil else {
                return Self.unexpected
            }
            phase = missing.isEmpty ? .subscribed : .subscribing(missing)
            return missing.isEmpty ? .subscribed : .none
        case .subscribed: return message(kind, push)
        case .connecting, .handshaking, .closed: return Self.unexpected
        }
    }

    private func message(_ kind: String, _ push: [RedisValue]) -> Action {
        if kind == "pong" { return .none }
        guard kind == "message", push.count == 3, let channel = push[1].string,
            case .bulk(let payload) = push[2]
        else { return Self.unexpected }
        return .message(channel: channel, payload: payload)
    }

    /// To be asked several times during a ping interval.
    mutating func tick(now: NIODeadline) -> Tick {
        switch phase {
        case .subscribing, .subscribed: break
        case .connecting, .handshaking, .closed: return .none
        }
        guard now - lastPing >= pingInterval else { return .none }
        if isPingPending { return .close(RedisError(.connectionLost, "the subscription is silent")) }
        // During the confirmations a ping would be answered differently (RESP2), so it waits.
        guard case .subscribed = phase else { return .none }
        lastPing = now
        isPingPending = true
        return .ping
    }

    private static let unexpected = Action.close(
        RedisError(.protocolViolation, "not a reply that a subscription gets")
    )
}
