import SessionCore

/// Tokens that were used after their grace, handed from the check path to the task that ends their sessions.
final class ReusedTokenQueue: Sendable {
    private let stream: AsyncStream<Token>
    private let continuation: AsyncStream<Token>.Continuation

    init() {
        // A flood of one stolen token needs one ending; what does not fit is reported again by the next check.
        (self.stream, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1024))
    }

    func report(_ token: Token) { self.continuation.yield(token) }

    func run(_ end: (Token) async -> Void) async {
        for await token in self.stream { await end(token) }
    }
}
