import SessionCore
import Synchronization

/// The node's near-cache: 64 shards, each under a lock of its own that is never held across I/O.
final class NearCacheShards: Sendable {
    private struct State {
        var cache: NearCache
        // Counted under the lock that is held anyway: no cache line that all cores write.
        var hits: UInt64 = 0
        var misses: UInt64 = 0
        // Keeps the next shard's lock off this one's cache lines.
        private let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
            (0, 0, 0, 0, 0, 0, 0, 0)

        init(cache: NearCache) { self.cache = cache }
    }

    private static let count = 64
    /// In place: shards that were objects would be retained at every look-up, which writes to them.
    private let shards: InlineArray<64, Mutex<State>>

    init(capacity: Int) {
        let each = max(1, (capacity + Self.count - 1) / Self.count)
        self.shards = InlineArray { _ in Mutex(State(cache: NearCache(capacity: each, tombstones: 1024))) }
    }

    func lookup(_ id: SessionID, digest: Digest256, now: Timestamp, epoch: UInt64) -> NearCache.Lookup {
        self.shards[Self.shard(of: id)].withLock { state in
            let found = state.cache.lookup(id, digest: digest, now: now, epoch: epoch)
            if case .hit = found { state.hits &+= 1 } else { state.misses &+= 1 }
            return found
        }
    }

    /// As ``lookup(_:digest:now:epoch:)``, for a strict node, which takes what is found for no answer: neither
    /// a hit nor a miss is counted.
    func recall(_ id: SessionID, digest: Digest256, now: Timestamp, epoch: UInt64) -> NearCache.Lookup {
        self.shards[Self.shard(of: id)].withLock {
            $0.cache.lookup(id, digest: digest, now: now, epoch: epoch)
        }
    }

    /// As ``lookup(_:digest:now:epoch:)``, but among entries that a flush has set aside too.
    func lookupDuringOutage(
        _ id: SessionID,
        digest: Digest256,
        now: Timestamp,
        epoch: UInt64
    ) -> CachedSession? {
        self.shards[Self.shard(of: id)].withLock {
            $0.cache.lookupDuringOutage(id, digest: digest, now: now, epoch: epoch)
        }
    }

    func isEnded(_ id: SessionID) -> Bool {
        self.shards[Self.shard(of: id)].withLock { $0.cache.isEnded(id) }
    }

    func beginFill(_ id: SessionID) -> NearCache.FillTicket {
        self.shards[Self.shard(of: id)].withLock { $0.cache.beginFill(id) }
    }

    func isSpoilt(_ ticket: NearCache.FillTicket, of id: SessionID) -> Bool {
        self.shards[Self.shard(of: id)].withLock { $0.cache.isSpoilt(ticket) }
    }

    func completeFill(_ ticket: NearCache.FillTicket, of id: SessionID, entry: NearCache.Entry) {
        self.shards[Self.shard(of: id)].withLock { _ = $0.cache.completeFill(ticket, entry: entry) }
    }

    func cancelFill(_ ticket: NearCache.FillTicket, of id: SessionID) {
        self.shards[Self.shard(of: id)].withLock { $0.cache.cancelFill(ticket) }
    }

    func invalidate(_ ids: [SessionID]) {
        for id in ids { self.shards[Self.shard(of: id)].withLock { $0.cache.invalidate(id) } }
    }

    func end(_ ids: [SessionID]) {
        for id in ids { self.shards[Self.shard(of: id)].withLock { $0.cache.end(id) } }
    }

    func flush() {
        for shard in self.shards.indices { self.shards[shard].withLock { $0.cache.flush() } }
    }

    func forgetEndings() {
        for shard in self.shards.indices { self.shards[shard].withLock { $0.cache.forgetEndings() } }
    }

    /// Entries, hits and misses since the start.
    var figures: (count: Int, hits: UInt64, misses: UInt64) {
        self.shards.indices.reduce(into: (0, 0, 0)) { sum, shard in
            self.shards[shard].withLock {
                sum.0 += $0.cache.count
                sum.1 += $0.hits
                sum.2 += $0.misses
            }
        }
    }

    @inline(__always)
    private static func shard(of id: SessionID) -> Int { Int(id.value % UInt64(Self.count)) }
}
