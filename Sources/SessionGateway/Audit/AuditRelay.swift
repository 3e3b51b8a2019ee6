import Logging
import SessionCore
import SessionStore
import Synchronization

/// Brings the events of all streams into the log, in one order and each exactly once.
///
/// One node at a time does it, the one that holds the lease. That only saves work: a batch is appended together with
/// how far the streams have been read, and only if both are still as the node believes. So a relay that was paused
/// over the end of its lease, or that repeats a batch whose answer was lost, changes nothing.
final class AuditRelay: Sendable {
    private let store: RedisSessionStore
    private let node: NodeID
    private let limits: AuditLimits
    private let logger: Logger
    /// Entries that this node has appended, since its start.
    let appended = Atomic<UInt64>(0)
    /// Events that were lost before this node read them.
    let lost = Atomic<UInt64>(0)

    private static let name = "relay"
    private static let lease = Duration.seconds(2)
    /// How often the streams are looked at when they are silent.
    private static let pause = Duration.milliseconds(250)
    /// How often the others ask for the lease.
    private static let waiting = Duration.milliseconds(500)
    /// Events of one stream in one round.
    private static let limit = 64
    /// Events of a stream that are read before it is shortened.
    private static let trimmed = 128
    /// How often old entries are let go of when none is added.
    private static let trimming = Duration.seconds(600)
    /// Failures in a row that are worth a warning: about 10 s of them.
    private static let manyFailures = 20

    init(store: RedisSessionStore, node: NodeID, limits: AuditLimits, logger: Logger) {
        self.store = store
        self.node = node
        self.limits = limits
        self.logger = logger
    }

    func run() async {
        var state: RelayState?
        var unshortened: [SourceStream: Int] = [:]
        var failures = 0
        var trimmedAt = MonotonicClock.now()
        while !Task.isCancelled {
            var pause = Self.pause
            do throws(StoreError) {
                if try await self.store.holdLease(Self.name, by: self.node, for: Self.lease) {
                    var present: RelayState
                    if let state { present = state } else { present = try await self.store.relayState() }
                    // Until the round has gone well: what came of one that failed is not known.
                    state = nil
                    let isFull = try await self.round(&present, &unshortened)
                    let now = MonotonicClock.now()
                    if now > trimmedAt + Self.trimming {
                        trimmedAt = now
                        try await self.trim(present)
                    }
                    state = present
                    if isFull { pause = .zero }
                } else {
                    state = nil
                    pause = Self.waiting
                }
                failures = 0
            } catch {
                state = nil
                failures += 1
                pause = Self.waiting
                self.tell(error, failures)
            }
            if pause > .zero { do { try await Task.sleep(for: pause) } catch { return } }
        }
    }

    /// Gives the lease up, so that another node need not wait for its end.
    func release() async {
        do throws(StoreError) {
            try await self.store.releaseLease(Self.name, by: self.node)
        } catch {
            self.logger.debug("The relay's lease runs out by itself", metadata: ["reason": "\(error)"])
        }
    }

    /// Appends what the streams hold.
    /// - Parameter unshortened: how many events of each stream have been read since it was shortened.
    /// - Returns: whether a stream may hold more.
    private func round(
        _ state: inout RelayState,
        _ unshortened: inout [SourceStream: Int]
    ) async throws(StoreError) -> Bool {
        let reads = try await self.store.readEvents(after: state, limit: Self.limit)
        for batch in RelayBatch.batches(of: reads, after: state) {
            guard try await self.store.append(batch, self.limits) else {
                state = try await self.store.relayState()
                return true
            }
            state = batch.after
            self.appended.add(UInt64(batch.links.count), ordering: .relaxed)
        }
        for read in reads where read.lost > 0 || read.hasBegunAnew {
            self.lost.add(UInt64(read.lost), ordering: .relaxed)
            self.logger.warning(
                "Events were let go of before they reached the audit log",
                metadata: ["stream": "\(read.stream)", "events": "\(read.lost)"]
            )
        }
        for read in reads { unshortened[read.stream, default: 0] += read.events.count }
        let long = unshortened.filter { $0.value >= Self.trimmed }.map(\.key)
        if !long.isEmpty {
            try await self.store.trimEvents(of: long, readUpTo: state)
            for stream in long { unshortened[stream] = nil }
        }
        return reads.contains { $0.events.count >= Self.limit }
    }

    /// An append of nothing lets go of what is too old.
    private func trim(_ state: RelayState) async throws(StoreError) {
        guard state.chain.count > 0 else { return }
        _ = try await self.store.append(RelayBatch(after: state), self.limits)
    }

    private func tell(_ error: StoreError, _ failures: Int) {
        let metadata: Logger.Metadata = ["reason": "\(error)"]
        if failures == Self.manyFailures {
            self.logger.warning(
                "The audit log cannot be written; events wait in their streams",
                metadata: metadata
            )
        } else {
            self.logger.debug("Relay failed", metadata: metadata)
        }
    }
}
