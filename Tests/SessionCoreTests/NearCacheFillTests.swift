import SessionCore
import Testing

/// A read is sent, something happens, the reply arrives: may it be kept?
@Suite struct NearCacheFillTests {
    enum Event: CaseIterable {
        case nothing, invalidate, end, flush, invalidateOther, flushThenInvalidate
        case otherFillBegins, otherFillCompletes, otherFillIsCancelled

        var isKept: Bool {
            switch self {
            case .nothing, .invalidateOther, .otherFillBegins, .otherFillCompletes, .otherFillIsCancelled:
                true
            case .invalidate, .end, .flush, .flushThenInvalidate: false
            }
        }
    }

    private let id = sessionID(1)

    private func apply(_ event: Event, to cache: inout NearCache) throws {
        switch event {
        case .nothing: break
        case .invalidate: cache.invalidate(self.id)
        case .end: cache.end(self.id)
        case .flush: cache.flush()
        case .invalidateOther: cache.invalidate(sessionID(2))
        case .flushThenInvalidate:
            cache.flush()
            cache.invalidate(self.id)
        case .otherFillBegins: _ = cache.beginFill(self.id)
        case .otherFillCompletes: cache.fill(self.id, try cacheEntry(self.id, digest: 9))
        case .otherFillIsCancelled: cache.cancelFill(cache.beginFill(self.id))
        }
    }

    @Test(arguments: Event.allCases)
    func race(event: Event) throws {
        var cache = NearCache(capacity: 10)
        let ticket = cache.beginFill(self.id)
        try self.apply(event, to: &cache)
        #expect(cache.isSpoilt(ticket) != event.isKept)
        #expect(cache.completeFill(ticket, entry: try cacheEntry(self.id)) == event.isKept)
        #expect((cache.find(self.id) == .hit) == event.isKept)
    }

    @Test(arguments: Event.allCases, Event.allCases)
    func twoEvents(first: Event, second: Event) throws {
        var cache = NearCache(capacity: 10)
        let ticket = cache.beginFill(self.id)
        try self.apply(first, to: &cache)
        try self.apply(second, to: &cache)
        #expect(cache.completeFill(ticket, entry: try cacheEntry(self.id)) == (first.isKept && second.isKept))
    }

    @Test func aFillBegunAfterTheInvalidationIsKept() throws {
        var cache = NearCache(capacity: 10)
        let before = cache.beginFill(self.id)
        cache.invalidate(self.id)
        let after = cache.beginFill(self.id)
        #expect(cache.completeFill(before, entry: try cacheEntry(self.id)) == false)
        #expect(cache.completeFill(after, entry: try cacheEntry(self.id, digest: 2)) == true)
        #expect(cache.find(self.id, digest: 2) == .hit)
    }

    @Test func aSpoiltFillStaysSpoiltWhenOthersAreDone() throws {
        var cache = NearCache(capacity: 10)
        let before = cache.beginFill(self.id)
        cache.invalidate(self.id)
        let after = cache.beginFill(self.id)
        #expect(cache.completeFill(after, entry: try cacheEntry(self.id)) == true)
        #expect(cache.completeFill(before, entry: try cacheEntry(self.id, digest: 2)) == false)
        #expect(cache.find(self.id) == .hit)
    }

    @Test func aTicketIsGoodOnce() throws {
        var cache = NearCache(capacity: 10)
        let ticket = cache.beginFill(self.id)
        #expect(cache.completeFill(ticket, entry: try cacheEntry(self.id)) == true)
        cache.invalidate(self.id)
        #expect(cache.completeFill(ticket, entry: try cacheEntry(self.id)) == false)
        #expect(cache.find(self.id) == .miss)
    }
}
