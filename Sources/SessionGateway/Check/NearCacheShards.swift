import SessionCore
import Synchronization

/// The node's near-cache: 64 shards, each under a lock of its own that is never held across I/O.
final class NearCacheShards: Sendable {
    private final class Shard: Sendable {
        let state: Mutex<State>

        init(capacity: Int) {
            self.state = Mutex(State(cache: NearCache(capacity: capacity, tombstones: 1024)))
        }
    }

    private struct State {
        var cache: NearCache
        // Counted under the lock that is held anyway: no cache line that all cores write.
        var hits: UInt64 = 0
        var misses: UInt64 = 0
    }

    private static let count = 64
    private let shards: [Shard]

    init(capacity: Int) {
        let each = max(1, (capacity + Self.count - 1) / Self.count)
        self.shards = (0..<Self.count).map { _ in Shard(capacity: each) }
    }

    func lookup(_ id: SessionID, digest: Digest256, now: Timestamp, epoch: UInt64) -> NearCache.Lookup {
        self.shard(id).state.withLock { state in
            let found = state.cache.lookup(id, digest: digest, now: now, epoch: epoch)
            if case .hit = found { state.hits &+= 1 } else { state.misses &+= 1 }
            return found
        }
    }

    /// As ``lookup(_:digest:now:epoch:)``, for a strict node, which takes what is found for no answer: neither
    /// a hit nor a miss is counted.
    func recall(_ id: SessionID, digest: Digest256, now: Timestamp, epoch: UInt64) -> NearCache.Lookup {
        self.shard(id).state.withLock { $0.cache.lookup(id, digest: digest, now: now, epoch: epoch) }
    }

    /// As ``lookup(_:digest:now:epoch:)``, but among entries that a flush has set aside too.
    func lookupDuringOutage(
        _ id: SessionID,
        digest: Digest256,
        now: Timestamp,
        epoch: UInt64
    ) -> CachedSession? {
        self.shard(id).state.withLock {
            $0.cache.lookupDuringOutage(id, digest: digest, now: now, epoch: epoch)
        }
    }

    func isEnded(_ id: SessionID) -> Bool { self.shard(id).state.withLock { $0.cache.isEnded(id) } }

    func beginFill(_ id: SessionID) -> NearCache.FillTicket {
        self.shard(id).state.withLock { $0.cache.beginFill(id) }
    }

    func isSpoilt(_ ticket: NearCache.FillTicket, of id: SessionID) -> Bool {
        self.shard(id).state.withLock { $0.cache.isSpoilt(ticket) }
    }

    func completeFill(_ ticket: NearCache.FillTicket, of id: SessionID, entry: NearCache.Entry) {
        self.shard(id).state.withLock { _ = $0.cache.completeFill(ticket, entry: entry) }
    }

    func cancelFill(_ ticket: NearCache.FillTicket, of id: SessionID) {
        self.shard(id).state.withLock { $0.cache.cancelFill(ticket) }
    }

    func invalidate(_ ids: [SessionID]) {
        for id in ids { self.shard(id).state.withLock { $0.cache.invalidate(id) } }
    }

    func end(_ ids: [SessionID]) {
        for id in ids { self.shard(id).state.withLock { $0.cache.end(id) } }
    }

    func flush() {
        for shard in self.shards { shard.state.withLock { $0.cache.flush() } }
    }

    func forgetEndings() {
        for shard in self.shards { shard.state.withLock { $0.cache.forgetEndings() } }
    }

    /// Entries, hits and misses since the start.
    var figures: (count: Int, hits: UInt64, misses: UInt64) {
        self.shards.reduce(into: (0, 0, 0)) { sum, shard in
            shard.state.withLock {
                sum.0 += $0.cache.count
                sum.1 += $0.hits
                sum.2 += $0.misses
            }
        }
    }

    @inline(__always)
    private func shard(_ id: SessionID) -> Shard { self.shards[Int(id.value % UInt64(Self.count))] }
}
