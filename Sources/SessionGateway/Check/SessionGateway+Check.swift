package import NIOCore
import SessionCore

extension SessionGateway {
    /// Says whether a token is good and whose it is.
    public func check(_ token: String) async -> CheckResult {
        var text = token
        switch text.withUTF8({ self.inspector.inspect($0) }) {
        case .answered(let result): return result
        case .needsRedis(let pending):
            let eventLoop = self.eventLoopGroup.any()
            return await withCheckedContinuation { continuation in
                eventLoop.execute {
                    self.check(pending, on: eventLoop) { continuation.resume(returning: $0) }
                }
            }
        }
    }

    /// The part of a check that needs no I/O, for callers on an event loop. Any thread.
    /// - Parameter text: the token as it was read from the client; the call must come after the read.
    package func checkCached(_ text: UnsafeBufferPointer<UInt8>) -> CachedCheck {
        self.inspector.inspect(text)
    }

    /// The rest of a check, with the event loop's own connection to Redis.
    /// - Parameters:
    ///   - pending: from ``checkCached(_:)``.
    ///   - eventLoop: of the gateway's group; the call is made on it and answered on it, at once or later.
    package func check(
        _ pending: PendingCheck,
        on eventLoop: any EventLoop,
        completion: @escaping (CheckResult) -> Void
    ) {
        guard let lane = self.redisChecks[ObjectIdentifier(eventLoop)] else {
            return completion(.unavailable)
        }
        lane.check(pending, completion: completion)
    }
}
