import RedisClient
import SessionCore
import SessionStore
import StoreTestSupport
import TestSupport
import Testing

@Suite struct FilteredListTests {
    /// 400 sessions of 40 users: every fourth of acme, every tenth from 10.9.0.0/16, methods in turn.
    private static func fill(_ bench: StoreBench, _ count: Int = 400) async throws -> [LiveSession] {
        var sessions: [LiveSession] = []
        for number in 0..<count {
            var order = try await bench.order(try UserID("user-\(number % 40)"))
            order.request.organization = number % 4 == 0 ? "acme" : "a\"c\\me"
            order.request.details.ipAddress =
                number % 10 == 0 ? "10.9.\(number % 256).1" : "2001:db8::\(number)"
            order.request.details.loginMethod = ["password", "sso", "api-key"][number % 3]
            order.request.details.email = "Person\(number)@Example.org"
            order.request.details.location = number % 8 == 0 ? Self.place(number) : nil
            order.request.details.sessionName = number % 50 == 0 ? "Küche \"7\"" : nil
            sessions.append(try await bench.create(order))
        }
        return sessions
    }

    private static func place(_ number: Int) -> SessionLocation {
        var place = SessionLocation()
        place.country = number % 16 == 0 ? "DE" : "FR"
        place.city = "Köln \(number)"
        return place
    }

    private static func ids(_ pages: [ListResult]) -> [SessionID] {
        pages.flatMap { $0.sessions.map(\.session.id) }
    }

    /// Earlier versions took any text for an address: it is still shown, and found where an address is in it.
    @Test func addressesOfEarlierVersionsAreRead() async throws {
        try await StoreBench.run { bench in
            let texts = ["203.0.113.5:4711", "[2001:DB8::5]:4711", "unknown", "203.0.113.5"]
            var ids: [SessionID] = []
            for (number, text) in texts.enumerated() {
                var order = try await bench.order(try UserID("user-\(number)"))
                order.request.details.ipAddress = text
                ids.append(try await bench.create(order).id)
            }
            func found(_ filter: SessionFilter) async throws -> Set<SessionID> {
                Set(Self.ids([try await bench.list(limit: 10, filter)]))
            }
            var filter = SessionFilter()
            #expect(try await found(filter) == Set(ids))
            filter.network = IPNetwork("203.0.113.5")
            #expect(try await found(filter) == [ids[0], ids[3]])
            filter.network = IPNetwork("2001:db8::5")
            #expect(try await found(filter) == [ids[1]])
        }
    }

    @Test func filtersGiveWhatMatches() async throws {
        try await StoreBench.run { bench in
            let sessions = try await Self.fill(bench)
            let middle = sessions[200].createdAt
            let user = try UserID("user-7")
            let rows: [(String, (inout SessionFilter) -> Void, (Int) -> Bool)] = [
                ("user", { $0.user = user }, { $0 % 40 == 7 }),
                ("org", { $0.organization = "acme" }, { $0 % 4 == 0 }),
                ("quoted org", { $0.organization = "a\"c\\me" }, { $0 % 4 != 0 }),
                ("no org", { $0.organization = "nobody" }, { _ in false }),
                ("ip", { $0.network = IPNetwork("10.9.0.0/16") }, { $0 % 10 == 0 }),
                ("ipv6", { $0.network = IPNetwork("2001:db8::/64") }, { $0 % 10 != 0 }),
                ("method", { $0.loginMethod = "sso" }, { $0 % 3 == 1 }),
                ("country", { $0.country = "DE" }, { $0 % 16 == 0 }),
                ("no country", { $0.country = "US" }, { _ in false }),
                (
                    "search city", { $0.search = SearchText("KÖLN 16") },
                    { $0 == 16 || $0 == 160 || $0 == 168 }
                ),
                ("since", { $0.since = middle }, { sessions[$0].createdAt >= middle }),
                ("until", { $0.until = middle }, { sessions[$0].createdAt < middle }),
                ("search", { $0.search = SearchText("PERSON39") }, { $0 == 39 || (390...399).contains($0) }),
                ("search beyond ASCII", { $0.search = SearchText("KÜCHE") }, { $0 % 50 == 0 }),
                ("search quotes", { $0.search = SearchText("\"7\"") }, { $0 % 50 == 0 }),
                (
                    "all",
                    {
                        $0.user = user
                        $0.loginMethod = "sso"
                        $0.organization = "a\"c\\me"
                        $0.since = middle
                    }, { $0 % 40 == 7 && $0 % 3 == 1 && sessions[$0].createdAt >= middle }
                ),
            ]
            for (name, adjust, isMeant) in rows {
                var filter = SessionFilter()
                adjust(&filter)
                let meant = sessions.indices.filter(isMeant).map { sessions[$0] }
                    .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }.map(\.id)
                for isAscending in [false, true] {
                    let expected = isAscending ? meant : meant.reversed()
                    let whole = try await bench.list(limit: 1000, filter, isAscending: isAscending)
                    #expect(whole.sessions.map(\.session.id) == expected, "\(name)")
                    #expect(whole.total == meant.count && whole.next == nil && !whole.isPartial, "\(name)")
                    let pages = try await bench.pages(of: 7, filter, isAscending: isAscending)
                    #expect(Self.ids(pages) == expected, "\(name)")
                    #expect(pages.allSatisfy { !$0.isPartial && $0.sessions.count <= 7 }, "\(name)")
                    let offset = try await bench.list(
                        offset: 5,
                        limit: 4,
                        filter,
                        isAscending: isAscending
                    )
                    #expect(
                        offset.sessions.map(\.session.id) == Array(expected.dropFirst(5).prefix(4)),
                        "\(name)"
                    )
                }
                let (count, isPartial) = try await bench.store.count(matching: filter, scan: 5000, epoch: 0)
                #expect(count == meant.count && !isPartial, "\(name)")
            }
        }
    }

    @Test func statusesAreToldApart() async throws {
        try await StoreBench.run { bench in
            let sessions = try await Self.fill(bench, 60)
            func end(_ range: Range<Int>, _ kind: EndKind) async throws {
                let ids = sessions[range].map(\.id)
                _ = try await bench.store.end(ids, Ending(kind), of: nil, origin: nil)
            }
            try await end(0..<10, .revoked)
            try await end(10..<25, .loggedOut)
            for session in sessions[25..<30] {
                try await bench.redis("DEL", bench.store.keys.live(session.id).description)
            }
            _ = try await bench.list(limit: 100)
            func list(_ statuses: Set<SessionStatus>, user: UserID? = nil) async throws -> Set<SessionID> {
                var filter = SessionFilter()
                filter.statuses = statuses
                filter.user = user
                return Set(Self.ids(try await bench.pages(of: 4, filter)))
            }
            func ids(_ range: Range<Int>) -> Set<SessionID> { Set(sessions[range].map(\.id)) }
            #expect(try await list([.active]) == ids(30..<60))
            #expect(try await list([.ended(.revoked)]) == ids(0..<10))
            #expect(try await list([.ended(.loggedOut), .ended(.revoked)]) == ids(0..<25))
            #expect(try await list([.ended(.expiredIdle)]) == ids(25..<30))
            #expect(try await list([.active, .ended(.evicted)]) == ids(30..<60))
            #expect(try await list(SessionFilter.everyStatus) == ids(0..<60))
            let user = try UserID("user-3")
            #expect(try await list([.ended(.revoked)], user: user) == [sessions[3].id])
            #expect(
                try await list(SessionFilter.everyStatus, user: user) == [sessions[3].id, sessions[43].id]
            )
            var filter = SessionFilter.everything
            filter.organization = "acme"
            let ofAcme = Set(stride(from: 0, to: 60, by: 4).map { sessions[$0].id })
            #expect(Set(Self.ids(try await bench.pages(of: 3, filter))) == ofAcme)
        }
    }

    /// A search looks at a bounded number of sessions in a call, says so, and goes on from there.
    @Test func aLongSearchIsGivenInParts() async throws {
        try await StoreBench.run { bench in
            let sessions = try await Self.fill(bench)
            var filter = SessionFilter()
            filter.search = SearchText("person123@")
            let pages = try await bench.pages(of: 10, filter, scan: 60)
            #expect(Self.ids(pages) == [sessions[123].id])
            #expect(pages.count >= 400 / 60)
            #expect(pages.dropLast().allSatisfy { $0.isPartial && $0.next != nil })
            #expect(pages.last?.isPartial == false && pages.last?.next == nil)
            #expect(pages.allSatisfy { $0.total == nil })
            // What is still to be passed over goes along.
            filter.search = SearchText("person12")
            var cursor: ListCursor?
            var found: [SessionID] = []
            for round in 0..<100 {
                let page = try await bench.list(offset: 4, limit: 3, filter, cursor: cursor, scan: 50)
                found += page.sessions.map(\.session.id)
                cursor = page.next
                if cursor == nil || found.count >= 3 && round > 0 { break }
            }
            let expected = ([12] + Array(120...129)).reversed().map { sessions[$0].id }
            #expect(Array(found.prefix(3)) == Array(expected.dropFirst(4).prefix(3)))
            let (count, isPartial) = try await bench.store.count(matching: filter, scan: 100, epoch: 0)
            #expect(isPartial && count < 11)
        }
    }

    /// Pages by cursors show every session that is there all the while exactly once, whatever begins and ends
    /// between the pages.
    @Test(arguments: [false, true])
    func pagesByCursorShowEachOnce(isAscending: Bool) async throws {
        try await StoreBench.run { bench in
            var others: [LiveSession] = []
            var staying: Set<SessionID> = []
            for number in 0..<3000 {
                let session = try await bench.create(try await bench.order(try UserID("u\(number % 700)")))
                if number % 3 == 0 { others.append(session) } else { staying.insert(session.id) }
            }
            others.shuffle()
            var number = 0
            let pages = try await bench.pages(of: 90, isAscending: isAscending) {
                for _ in 0..<12 {
                    number += 1
                    try await bench.create(try await bench.order(try UserID("new\(number)")))
                }
                let gone = others.suffix(15).map(\.id)
                others.removeLast(min(15, others.count))
                _ = try await bench.store.end(gone, Ending(.revoked), of: nil, origin: nil)
            }
            let shown = Self.ids(pages)
            #expect(Set(shown).count == shown.count)
            #expect(staying.isSubset(of: Set(shown)))
            #expect(pages.allSatisfy { $0.total != nil })
        }
    }

    @Test func manyOfOneMomentAreShownOnce() async throws {
        try await StoreBench.run { bench in
            let user = try UserID("robot")
            var ids: Set<SessionID> = []
            for _ in 0..<40 { ids.insert(try await bench.create(try await bench.order(user)).id) }
            // All created in the same millisecond, as a fast machine might.
            for id in ids {
                for key in [bench.store.keys.all(id.partition), bench.store.keys.sessions(of: user)] {
                    try await bench.redis("ZADD", key.description, "1000", id.key)
                }
            }
            for filter in [SessionFilter(), Self.filter(user)] {
                for isAscending in [false, true] {
                    let shown = Self.ids(try await bench.pages(of: 3, filter, isAscending: isAscending))
                    #expect(shown.count == 40 && Set(shown) == ids)
                }
            }
        }
    }

    private static func filter(_ user: UserID) -> SessionFilter {
        var filter = SessionFilter()
        filter.user = user
        return filter
    }

    @Test func endingWhatMatchesEndsJustThat() async throws {
        try await StoreBench.run { bench in
            let sessions = try await Self.fill(bench)
            var filter = SessionFilter()
            filter.network = IPNetwork("10.9.0.0/16")
            var told: Set<SessionID> = []
            let published = await bench.store.endAll(
                matching: filter,
                Ending(.revoked, by: "root", reason: "test"),
                epoch: 0,
                origin: nil,
                note: { ids, _ in told.formUnion(ids) }
            )
            let meant = Set(stride(from: 0, to: 400, by: 10).map { sessions[$0].id })
            #expect(published.value.ended == 40 && published.value.failure == nil && told == meant)
            #expect(Set(Self.ids(try await bench.pages(of: 200))).isDisjoint(with: meant))
            #expect(try await bench.store.count() == 360)
            let record = try #require(try await bench.store.session(sessions[10].id, epoch: 0))
            #expect(record.end?.ending == Ending(.revoked, by: "root", reason: "test"))
            #expect(try await IndexAudit(bench.client).problems == [])
            let again = await bench.store.endAll(
                matching: filter,
                Ending(.revoked),
                epoch: 0,
                origin: nil,
                note: { _, _ in }
            )
            #expect(again.value.ended == 0 && again.value.failure == nil)
        }
    }

    @Test func whatIsCancelledSaysHowFarItCame() async throws {
        try await StoreBench.run { bench in
            _ = try await Self.fill(bench, 1500)
            let store = bench.store
            let published = await Task {
                var filter = SessionFilter()
                filter.since = Timestamp(milliseconds: 0)
                return await store.endAll(
                    matching: filter,
                    Ending(.revoked),
                    epoch: 0,
                    origin: nil,
                    note: { _, _ in withUnsafeCurrentTask { $0?.cancel() } }
                )
            }.value
            #expect(published.value.failure != nil)
            #expect(published.value.ended > 0 && published.value.ended < 1500)
            // What was ended stays ended, and nothing else is.
            #expect(try await store.count() == 1500 - published.value.ended)
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func whatBreaksOffSaysHowFarItCame() async throws {
        try await StoreBench.run { bench in
            let sessions = try await Self.fill(bench, 1500)
            var filter = SessionFilter()
            filter.until = Timestamp(milliseconds: .max)
            // The server goes away after the first step.
            let published = await bench.store.endAll(
                matching: filter,
                Ending(.revoked),
                epoch: 0,
                origin: nil,
                note: { _, _ in bench.server.stop() }
            )
            #expect(published.value.failure != nil)
            #expect(published.value.ended > 0 && published.value.ended < sessions.count)
        }
    }
}
