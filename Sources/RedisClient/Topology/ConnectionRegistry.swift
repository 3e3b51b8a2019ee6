import NIOCore
import Synchronization

/// Which event loops of one node have a usable connection: written by the links, read by everybody.
final class ConnectionRegistry: Sendable {
    /// One lock for each loop: taken on every check, practically never contended.
    private final class Place: Sendable {
        let connection = Mutex<RedisConnection?>(nil)
    }

    private struct Waiting {
        var nextID = 0
        var continuations: [Int: CheckedContinuation<RedisError?, Never>] = [:]
        var cancelled: Set<Int> = []
        var isClosed = false
        var reason = "not connected yet"
    }

    private let places: [Place]
    private let placeOfLoop: [ObjectIdentifier: Place]
    private let next = Atomic<Int>(0)
    private let waiting = Mutex(Waiting())

    init(_ eventLoops: [any EventLoop]) {
        let pairs = eventLoops.map { (ObjectIdentifier($0), Place()) }
        places = pairs.map(\.1)
        placeOfLoop = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    // MARK: Reading

    /// The usable connection of a loop.
    func connection(on eventLoop: any EventLoop) -> RedisConnection? {
        placeOfLoop[ObjectIdentifier(eventLoop)]?.connection.withLock { $0 }
    }

    /// A usable connection, each time of the next loop.
    func anyConnection() -> RedisConnection? {
        guard !places.isEmpty else { return nil }
        let start = Int(bitPattern: UInt(bitPattern: next.wrappingAdd(1, ordering: .relaxed).newValue) >> 1)
        for offset in places.indices {
            let place = places[(start + offset) % places.count]
            if let connection = place.connection.withLock({ $0 }) { return connection }
        }
        return nil
    }

    /// Why the last connection was lost, or none was made.
    var reason: String { waiting.withLock { $0.reason } }

    var isAnyReady: Bool { places.contains { $0.connection.withLock { $0 != nil } } }

    private var isEveryReady: Bool { places.allSatisfy { $0.connection.withLock { $0 != nil } } }

    /// Returns when every loop has a usable connection.
    func waitUntilEveryReady() async throws(RedisError) {
        let id = waiting.withLock { waiting in
            waiting.nextID += 1
            return waiting.nextID
        }
        let error: RedisError? = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: RedisError?? = waiting.withLock { waiting in
                    if waiting.cancelled.remove(id) != nil { return .some(Self.cancelled) }
                    if waiting.isClosed { return .some(Self.closed) }
                    // Under the lock that ``publish(_:)`` takes after it has published: nothing is missed.
                    if isEveryReady { return .some(nil) }
                    waiting.continuations[id] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let continuation = waiting.withLock { waiting in
                let continuation = waiting.continuations.removeValue(forKey: id)
                if continuation == nil { waiting.cancelled.insert(id) }
                return continuation
            }
            continuation?.resume(returning: Self.cancelled)
        }
        waiting.withLock { _ = $0.cancelled.remove(id) }
        if let error { throw error }
    }

    private static let cancelled = RedisError(.cancelled, "cancelled while waiting for Redis")
    private static let closed = RedisError(.unavailable, "the client is shut down")

    // MARK: Writing

    /// The connection is usable from now on.
    func publish(_ connection: RedisConnection) {
        placeOfLoop[ObjectIdentifier(connection.eventLoop)]?.connection.withLock { $0 = connection }
        let continuations = waiting.withLock { waiting in
            guard isEveryReady else { return [CheckedContinuation<RedisError?, Never>]() }
            defer { waiting.continuations = [:] }
            return Array(waiting.continuations.values)
        }
        for continuation in continuations { continuation.resume(returning: nil) }
    }

    /// The loop has no usable connection any more.
    func withdraw(on eventLoop: any EventLoop, reason: String) {
        placeOfLoop[ObjectIdentifier(eventLoop)]?.connection.withLock { $0 = nil }
        waiting.withLock { $0.reason = reason }
    }

    /// There will be no more connections: everyone who waits is told.
    func close() {
        let continuations = waiting.withLock { waiting in
            waiting.isClosed = true
            waiting.reason = "the client is shut down"
            defer { waiting.continuations = [:] }
            return Array(waiting.continuations.values)
        }
        for continuation in continuations { continuation.resume(returning: Self.closed) }
    }
}
