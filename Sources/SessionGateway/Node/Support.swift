import Foundation
import SessionCore
import Synchronization

/// This machine's wall clock, for what is only shown.
enum WallClock {
    static func now() -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}

/// What was done, counted.
final class LifecycleCounters: Sendable {
    let created = Atomic<UInt64>(0)
    let evicted = Atomic<UInt64>(0)
    let ended = Atomic<UInt64>(0)
    let rotated = Atomic<UInt64>(0)
    /// Microseconds of the last receipt.
    let lastReceipt = Atomic<UInt64>(0)
}

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

/// Work that outlives the call that asked for it, such as deleting a million sessions whose epoch is over.
final class BackgroundTasks: Sendable {
    private let stream: AsyncStream<@Sendable () async -> Void>
    private let continuation: AsyncStream<@Sendable () async -> Void>.Continuation

    init() {
        (self.stream, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    }

    func add(_ task: @escaping @Sendable () async -> Void) { self.continuation.yield(task) }

    func run() async {
        for await task in self.stream { await task() }
    }
}
