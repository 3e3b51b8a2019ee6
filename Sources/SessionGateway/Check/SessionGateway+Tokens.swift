package import SessionCore

extension SessionGateway {
    /// Redis's time as this node knows it; `nil` before the first word from Redis.
    package var now: Timestamp? { self.clock.time(at: MonotonicClock.now()) }

    /// The session of a token whose signature is right, be it alive or not; `nil` for what is none of ours. Costs no
    /// Redis command.
    package func genuineSession(_ text: String) -> SessionID? {
        guard let token = Token(text), self.configuration.tokenKeys.verifies(token) else { return nil }
        return token.sessionID
    }

    /// Signs a message with a key derived from the token secret.
    package func binding(_ purpose: BindingPurpose, _ message: [UInt8]) -> [UInt8] {
        self.configuration.tokenKeys.binding(purpose, message)
    }

    /// Whether a code was given by ``binding(_:_:)`` of any node, for this message.
    package func isBinding(
        _ code: some Collection<UInt8>,
        _ purpose: BindingPurpose,
        _ message: [UInt8]
    ) -> Bool {
        self.configuration.tokenKeys.isBinding(code, purpose, message)
    }
}
