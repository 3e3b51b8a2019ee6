import RedisClient
import SessionCore
import SessionStore
import StoreTestSupport
import Testing

@Suite struct SortedListTests {
    private static func fill(_ bench: StoreBench, _ count: Int) async throws -> [LiveSession] {
        var sessions: [LiveSession] = []
        for number in 0..<count {
            var order = try await bench.order(try UserID("user-\(number * 7 % 30 + 10)"))
            order.request.details.ipAddress = "10.0.\(number % 3).\(number * 5 % 200)"
            sessions.append(try await bench.create(order))
        }
        return sessions
    }

    private static func page(
        _ bench: StoreBench,
        _ column: SessionColumn,
        isAscending: Bool = true,
        offset: Int = 0,
        limit: Int = 1000,
        _ filter: SessionFilter = SessionFilter(),
        scan: Int = ListOrder.scanBound
    ) async throws -> ListResult {
        var order = ListOrder(filter, limit: limit)
        order.column = column
        order.isAscending = isAscending
        order.offset = offset
        order.scan = scan
        return try await bench.store.list(order, epoch: 0)
    }

    @Test(arguments: [SessionColumn.user, .ip, .lastActivity, .expires], [false, true])
    func pagesByOffsetAreOneSortedList(column: SessionColumn, isAscending: Bool) async throws {
        try await StoreBench.run { bench in
            let sessions = try await Self.fill(bench, 120)
            let ended = sessions[..<20].map(\.id)
            _ = try await bench.store.end(ended, Ending(.revoked), of: nil, origin: nil)
            for (filter, count) in [(SessionFilter(), 100), (SessionFilter.everything, 120)] {
                let whole = try await Self.page(bench, column, isAscending: isAscending, filter)
                #expect(whole.sessions.count == count && whole.total == count)
                #expect(whole.next == nil && !whole.isPartial)
                #expect(
                    whole.sessions.map(\.session.id)
                        == column.sorted(whole.sessions.shuffled(), isAscending: isAscending)
                        .map(\.session.id)
                )
                var pages: [SessionID] = []
                for offset in stride(from: 0, through: count, by: 7) {
                    let page = try await Self.page(
                        bench,
                        column,
                        isAscending: isAscending,
                        offset: offset,
                        limit: 7,
                        filter
                    )
                    pages += page.sessions.map(\.session.id)
                    #expect(page.total == count)
                }
                // Activity is told to the millisecond anew at each look.
                if column == .user || column == .ip {
                    #expect(pages == whole.sessions.map(\.session.id))
                } else {
                    #expect(pages.count == count)
                }
            }
        }
    }

    @Test func moreThanWasLookedAtIsSaid() async throws {
        try await StoreBench.run { bench in
            let sessions = try await Self.fill(bench, 60)
            let part = try await Self.page(bench, .user, limit: 100, scan: 40)
            #expect(part.isPartial && part.total == nil && part.next == nil)
            // The newest were looked at.
            let newest = Set(
                sessions.sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }[..<40].map(\.id)
            )
            #expect(Set(part.sessions.map(\.session.id)) == newest)
            let all = try await Self.page(bench, .user, limit: 100, scan: 60)
            #expect(!all.isPartial && all.total == 60)
            var filter = SessionFilter()
            filter.network = IPNetwork("10.0.1.0/24")
            let some = try await Self.page(bench, .ip, limit: 100, filter)
            #expect(some.total == 20 && !some.isPartial)
        }
    }
}
