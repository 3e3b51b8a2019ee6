import RedisClient
import SessionCore
import SessionStore
import StoreTestSupport
import Testing

@Suite struct AuditLogTests {
    /// Logins of `users` users, `each` of each, in the log.
    private static func fill(_ bench: StoreBench, users: Int, each: Int) async throws {
        for user in 0..<users {
            for _ in 0..<each {
                var order = try await bench.order(try UserID("user-\(user)"))
                order.request.organization = user % 2 == 0 ? "even" : "odd"
                order.request.details.ipAddress = "192.0.2.\(user)"
                try await bench.create(order)
            }
        }
        try await bench.relay()
    }

    @Test func pagesShowEveryMatchOnceNewestFirst() async throws {
        try await StoreBench.run { bench in
            try await Self.fill(bench, users: 8, each: 25)
            let all = Array(try await bench.entries().reversed())
            #expect(all.count == 200)
            func walk(_ filter: AuditFilter, limit: Int, scan: Int = 10_000) async throws -> (
                entries: [AuditEntry], partial: Int
            ) {
                var found: [AuditEntry] = []
                var partial = 0
                var cursor: AuditPosition?
                repeat {
                    let page = try await bench.store.audit(filter, before: cursor, limit: limit, scan: scan)
                    #expect(page.entries.count <= limit)
                    #expect(page.entries.count == limit || page.isPartial || page.next == nil)
                    if page.isPartial { partial += 1 }
                    found += page.entries
                    cursor = page.next
                } while cursor != nil
                return (found, partial)
            }
            for limit in [1, 7, 50, 200, 1000] {
                #expect(try await walk(AuditFilter(), limit: limit).entries == all)
            }
            var filter = AuditFilter()
            filter.user = "user-3"
            #expect(try await walk(filter, limit: 10).entries == all.filter { $0.user == "user-3" })
            let bounded = try await walk(filter, limit: 10, scan: 30)
            #expect(bounded.entries == all.filter { $0.user == "user-3" } && bounded.partial >= 5)
            filter = AuditFilter()
            filter.organization = "odd"
            filter.search = SearchText("192.0.2.5")
            #expect(try await walk(filter, limit: 10).entries == all.filter { $0.user == "user-5" })
            filter = AuditFilter()
            filter.since = all[120].at
            filter.until = all[40].at
            let expected = all.filter { $0.at >= all[120].at && $0.at < all[40].at }
            #expect(try await walk(filter, limit: 9).entries == expected)
            filter.kinds = [.revoked]
            #expect(try await walk(filter, limit: 9).entries.isEmpty)
        }
    }

    @Test func whatWaitedLongIsFoundByItsTime() async throws {
        try await StoreBench.run { bench in
            try await Self.fill(bench, users: 1, each: 1)
            let entry = try #require(try await bench.entries().first)
            // As if the relay had been away for two hours: the entry's place is later than its time by that.
            let late = entry.position.milliseconds + 7_200_000
            let raw = try #require(try await bench.rawLog().first)
            try await bench.rewriteLog([("\(late)-0", raw.previous, raw.content)])
            try await bench.redis("HSET", bench.store.keys.relay.description, "lag", "7200000")
            var filter = AuditFilter()
            filter.until = entry.at + .milliseconds(1)
            #expect(try await bench.store.audit(filter, before: nil, limit: 10).entries.count == 1)
        }
    }

    @Test func tamperingIsFound() async throws {
        try await StoreBench.run { bench in
            try await Self.fill(bench, users: 6, each: 10)
            let log = try await bench.rawLog()
            #expect(log.count == 60)
            func fault() async throws -> AuditVerification.Fault? {
                // In steps, as the call does it.
                var cursor: AuditPosition?
                var checked = 0
                repeat {
                    let step = try await bench.store.verifyLog(
                        from: cursor,
                        keptSince: Timestamp(milliseconds: 0),
                        scan: 7
                    )
                    checked += step.checked
                    if let fault = step.fault { return fault }
                    cursor = step.next
                } while cursor != nil
                #expect(checked == 60)
                return nil
            }
            #expect(try await fault() == nil)
            for index in [0, 1, 6, 7, 30, 58, 59] {
                var changed = log
                let text = String(decoding: log[index].content, as: UTF8.self)
                changed[index].content = Array(text.replacing("user-", with: "USER-").utf8)
                try await bench.rewriteLog(changed)
                #expect(
                    try await fault()
                        == .init(position: try #require(AuditPosition(log[index].id)), kind: .changed),
                    "\(index)"
                )
                guard index > 0 else { continue }
                var fewer = log
                fewer.remove(at: index)
                try await bench.rewriteLog(fewer)
                #expect(
                    try await fault()
                        == .init(position: try #require(AuditPosition(log[index - 1].id)), kind: .missing),
                    "\(index)"
                )
                var moved = log
                (moved[index].content, moved[index - 1].content) = (
                    log[index - 1].content, log[index].content
                )
                (moved[index].previous, moved[index - 1].previous) = (
                    log[index - 1].previous, log[index].previous
                )
                try await bench.rewriteLog(moved)
                #expect(try await fault() != nil, "\(index)")
            }
            var broken = log
            broken[20].content = [0xFF]
            try await bench.rewriteLog(broken)
            #expect(
                try await fault()
                    == .init(position: try #require(AuditPosition(log[20].id)), kind: .unreadable)
            )
            // The log can be read around it.
            let page = try await bench.store.audit(AuditFilter(), before: nil, limit: 100)
            #expect(page.entries.count == 60 && page.entries.filter { $0.kind == "unreadable" }.count == 1)
            try await bench.rewriteLog([])
            #expect(try await fault()?.kind == .missing)
            try await bench.rewriteLog(log)
            #expect(try await fault() == nil)
            // An entry that nobody's relay has written.
            try await bench.redis("DEL", bench.store.keys.relay.description)
            #expect(try await fault()?.kind == .changed)
        }
    }

    @Test func whatIsTooOldOrTooMuchGoesFromTheBeginning() async throws {
        try await StoreBench.run { bench in
            let user = try UserID("bob")
            for _ in 0..<12 {
                for _ in 0..<50 { try await bench.create(try await bench.order(user)) }
                try await bench.relay(AuditLimits(entries: 200))
            }
            var entries = try await bench.entries()
            // Redis lets go of whole nodes of a stream, of 100 entries.
            #expect((200..<400).contains(entries.count))
            var verified = try await bench.store.verifyLog(from: nil)
            #expect(verified.fault == nil && verified.checked == entries.count && verified.total == 600)
            // Going on from an entry that has grown too old begins with the first one kept.
            let gone = AuditPosition(milliseconds: 1, sequence: 0)
            #expect(try await bench.store.verifyLog(from: gone).checked == entries.count)
            // From one that never was, it goes on where that would be; from the end, there is nothing to go on with.
            let none = entries[50].position
            let between = AuditPosition(milliseconds: none.milliseconds, sequence: none.sequence + 500)
            verified = try await bench.store.verifyLog(from: between)
            #expect(verified.fault == nil && (1..<entries.count).contains(verified.checked))
            let beyond = AuditPosition(milliseconds: 9_999_999_999_999_999_999, sequence: 0)
            verified = try await bench.store.verifyLog(from: beyond)
            #expect(verified.fault == nil && verified.checked == 1 && verified.next == nil)
            let zero = AuditPosition(milliseconds: 0, sequence: 0)
            #expect(try await bench.store.verifyLog(from: zero).checked == entries.count)
            #expect(try await bench.store.audit(AuditFilter(), before: zero, limit: 1) == AuditPage())
            #expect(try await bench.store.audit(AuditFilter(), before: beyond, limit: 1).entries.count == 1)
            #expect(try await bench.store.log(after: beyond, limit: 1).isEmpty)
            #expect(try await bench.store.log(after: zero, limit: 1000).count == entries.count)
            // One that has not, and is not there, was taken out.
            let middle = entries[50].position
            try await bench.redis("XDEL", bench.store.keys.log.description, middle.description)
            #expect(
                try await bench.store.verifyLog(from: middle).fault
                    == .init(position: entries[49].position, kind: .missing)
            )
            // Nothing new, and all of it too old.
            let last = try #require(try await bench.store.logBounds()?.last)
            while try await bench.now().milliseconds <= last.milliseconds + 1 {
                try await Task.sleep(for: .milliseconds(2))
            }
            let state = try await bench.store.relayState()
            #expect(try await bench.store.append(RelayBatch(after: state), AuditLimits(retention: .zero)))
            // Redis frees a hundred at a time, and whoever has read the last one is to see that nothing is missing.
            entries = try await bench.entries()
            #expect(entries.count <= 100 && entries.last?.position == last)
            #expect(try await bench.store.relayState() == state)
            verified = try await bench.store.verifyLog(from: nil, keptSince: try await bench.now())
            #expect(verified.fault == nil && verified.checked <= 100)
            try await bench.create(try await bench.order(user))
            try await bench.relay()
            verified = try await bench.store.verifyLog(from: nil)
            #expect(verified.fault == nil && verified.checked == entries.count + 1 && verified.total == 601)
        }
    }
}
