import SessionCore
import TestSupport
import Testing

@Suite struct NearCacheTests {
    private let id = sessionID(1)

    @Test func hitNeedsTheVeryToken() throws {
        var cache = NearCache(capacity: 10)
        #expect(cache.find(self.id) == .miss)
        cache.fill(self.id, try cacheEntry(self.id))
        #expect(cache.count == 1)
        #expect(cache.find(self.id) == .hit)
        #expect(cache.find(self.id, digest: 2) == .miss)
        #expect(cache.find(sessionID(2)) == .miss)
        #expect(cache.find(sessionID(1, partition: 1)) == .miss, "same 64 bits in another partition")
    }

    @Test func sameBitsInAnotherPartitionTakeThePlace() throws {
        var cache = NearCache(capacity: 10)
        let other = sessionID(1, partition: 1)
        cache.fill(self.id, try cacheEntry(self.id))
        cache.fill(other, try cacheEntry(other))
        #expect(cache.count == 1)
        #expect(cache.find(other) == .hit)
        #expect(cache.find(self.id) == .miss)
        cache.invalidate(self.id)
        #expect(cache.find(other) == .hit)
    }

    @Test func touchesAreCoalesced() throws {
        var cache = NearCache(capacity: 10)
        // Idle 1200 s: precision 2 s.
        cache.fill(self.id, try cacheEntry(self.id, idle: .seconds(1200)))
        #expect(cache.find(self.id, at: 1999) == .hit)
        #expect(cache.find(self.id, at: 2000) == .touch)
        #expect(cache.find(self.id, at: 2001) == .hit)
        #expect(cache.find(self.id, at: 3999) == .hit)
        #expect(cache.find(self.id, at: 4000) == .touch)
    }

    @Test func idleTimeoutCountsFromTheLastHit() throws {
        var cache = NearCache(capacity: 10)
        cache.fill(self.id, try cacheEntry(self.id))
        #expect(cache.find(self.id, at: 60_000) == .touch)
        #expect(cache.find(self.id, at: 120_000) == .touch)
        #expect(cache.find(self.id, at: 180_001) == .miss)
        #expect(cache.find(self.id, at: 150_000) != .miss, "an earlier time does not shorten it")
    }

    @Test func absoluteDeadlineIsExact() throws {
        var cache = NearCache(capacity: 10)
        cache.fill(self.id, try cacheEntry(self.id, absolute: 500))
        #expect(cache.find(self.id, at: 499) == .hit)
        #expect(cache.find(self.id, at: 500) == .miss)
    }

    @Test func olderEpochsMiss() throws {
        var cache = NearCache(capacity: 10)
        cache.fill(self.id, try cacheEntry(self.id, epoch: 4))
        #expect(cache.find(self.id, epoch: 4) == .hit)
        #expect(cache.find(self.id, epoch: 5) == .miss)
    }

    @Test func endedSessionsAreRemembered() throws {
        var cache = NearCache(capacity: 10)
        cache.fill(self.id, try cacheEntry(self.id))
        cache.end(self.id)
        #expect(cache.find(self.id) == .ended)
        #expect(cache.count == 0)
        cache.flush()
        #expect(cache.find(self.id) == .ended, "what has ended stays ended")
        cache.fill(self.id, try cacheEntry(self.id))
        #expect(cache.find(self.id) == .ended)
    }

    @Test func changedSessionsAreReadAnew() throws {
        var cache = NearCache(capacity: 10)
        cache.fill(self.id, try cacheEntry(self.id))
        cache.invalidate(self.id)
        #expect(cache.find(self.id) == .miss)
        cache.fill(self.id, try cacheEntry(self.id, digest: 2))
        #expect(cache.find(self.id, digest: 2) == .hit)
    }

    @Test func tombstonesAreBounded() {
        var cache = NearCache(capacity: 10, tombstones: 3)
        for value in UInt64(1)...4 { cache.end(sessionID(value)) }
        cache.end(sessionID(4))
        #expect(cache.find(sessionID(1)) == .miss)
        for value in UInt64(2)...4 { #expect(cache.find(sessionID(value)) == .ended) }
    }

    @Test(arguments: [1, 2, 7, 64])
    func capacityIsKept(capacity: Int) throws {
        var cache = NearCache(capacity: capacity)
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            let id = sessionID(UInt64.random(in: 0..<200, using: &generator))
            switch Int.random(in: 0..<10, using: &generator) {
            case 0: cache.invalidate(id)
            case 1: _ = cache.find(id)
            default: cache.fill(id, try cacheEntry(id))
            }
            #expect(cache.count <= capacity)
        }
    }

    @Test func usedEntriesOutliveUnusedOnes() throws {
        var cache = NearCache(capacity: 4)
        for value in UInt64(1)...4 { cache.fill(sessionID(value), try cacheEntry(sessionID(value))) }
        for value in UInt64(1)...3 { #expect(cache.find(sessionID(value)) == .hit) }
        cache.fill(sessionID(5), try cacheEntry(sessionID(5)))
        #expect(cache.find(sessionID(4)) == .miss)
        for value in UInt64(1)...3 { #expect(cache.find(sessionID(value)) == .hit) }
    }

    /// Against a dictionary: whatever the order of fills, endings and flushes, a hit is of what was filled last.
    @Test func agreesWithADictionary() throws {
        var cache = NearCache(capacity: 1000)
        var model: [UInt64: UInt8] = [:]
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<20_000 {
            let value = UInt64.random(in: 0..<60, using: &generator)
            let mark = UInt8.random(in: 1...3, using: &generator)
            switch Int.random(in: 0..<100, using: &generator) {
            case 0:
                cache.flush()
                model = [:]
            case 1..<20:
                cache.invalidate(sessionID(value))
                model[value] = nil
            case 20..<50:
                cache.fill(sessionID(value), try cacheEntry(sessionID(value), digest: mark))
                model[value] = mark
            default:
                #expect(cache.find(sessionID(value), digest: mark) == (model[value] == mark ? .hit : .miss))
            }
        }
    }
}
