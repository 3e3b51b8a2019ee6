import RedisClient
import SessionCore
import SessionStore
import StoreTestSupport
import Testing

/// Whose session it is, is judged in the script that ends it.
@Suite struct OrganizationTests {
    private static func session(
        _ bench: StoreBench,
        _ user: String,
        of organization: String?
    ) async throws -> LiveSession {
        var order = try await bench.order(try UserID(user))
        order.request.organization = organization
        return try await bench.create(order)
    }

    private static func end(
        _ bench: StoreBench,
        _ id: SessionID,
        in organization: String
    ) async throws -> EndOutcome {
        try await bench.store.end(id, Ending(.revoked), of: .organization(organization), origin: nil).value
    }

    @Test(arguments: ["acme", "a\"c\\me", "a/b", "ünal", "u", ""])
    func onlyItsOwnAreEnded(name: String) async throws {
        try await StoreBench.run { bench in
            let own = try await Self.session(bench, "a", of: name.isEmpty ? "acme" : name)
            let other = try await Self.session(bench, "b", of: "other")
            let none = try await Self.session(bench, "c", of: nil)
            // The user whose key begins with the organization's name, or whose id is the name, is nobody special.
            let namesake = try await Self.session(bench, name.isEmpty ? "x" : name, of: "other")
            for session in [other, none, namesake] {
                #expect(try await Self.end(bench, session.id, in: name) == .foreign)
                #expect(try await bench.record(session.id) != nil)
            }
            let unknown = SessionID(partition: own.id.partition, value: 4711)
            #expect(try await Self.end(bench, unknown, in: name) == .foreign)
            if name.isEmpty {
                #expect(try await Self.end(bench, own.id, in: name) == .foreign)
                return
            }
            #expect(try await Self.end(bench, own.id, in: name) == .ended)
            // The end of one's own may be ordered again, and is confirmed again.
            #expect(try await Self.end(bench, own.id, in: name) == .gone)
            #expect(try await Self.end(bench, own.id, in: "other") == .foreign)
            #expect(try await IndexAudit(bench.client).problems == [])
        }
    }

    @Test func theOrganizationOfTheMomentCounts() async throws {
        try await StoreBench.run { bench in
            for (first, second) in [("acme", "other"), ("a/b", "c/d"), (nil, "x\"/y")] {
                let session = try await Self.session(bench, "mover \(second)", of: first)
                _ = try await bench.store.update(
                    session.id,
                    UpdateOrder(organization: second),
                    epoch: 0,
                    origin: nil
                )
                var filter = SessionFilter()
                filter.organization = second
                #expect(try await bench.list(limit: 10, filter).sessions.map(\.session.id) == [session.id])
                if let first {
                    #expect(try await Self.end(bench, session.id, in: first) == .foreign)
                    filter.organization = first
                    #expect(try await bench.list(limit: 10, filter).sessions.isEmpty)
                }
                #expect(try await bench.record(session.id)?.session.organization == second)
                #expect(try await Self.end(bench, session.id, in: second) == .ended)
                // Also once it has ended.
                if let first { #expect(try await Self.end(bench, session.id, in: first) == .foreign) }
                #expect(try await Self.end(bench, session.id, in: second) == .gone)
            }
        }
    }

    /// Sessions go over to another organization while all of the first one are ended: whichever comes first, none is
    /// ended that was the other's.
    @Test func whoMovesWhileAllAreEndedIsNotEnded() async throws {
        try await StoreBench.run { bench in
            var sessions: [LiveSession] = []
            for number in 0..<300 { sessions.append(try await Self.session(bench, "u\(number)", of: "acme")) }
            let moving = sessions
            var filter = SessionFilter()
            filter.organization = "acme"
            let meant = filter
            var told: Set<SessionID> = []
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for session in moving.shuffled() {
                        _ = try await bench.store.update(
                            session.id,
                            UpdateOrder(organization: "other"),
                            epoch: 0,
                            origin: nil
                        )
                    }
                }
                let published = await bench.store.endAll(
                    matching: meant,
                    Ending(.revoked),
                    epoch: 0,
                    origin: nil,
                    note: { ids, _ in told.formUnion(ids) }
                )
                #expect(published.value.failure == nil)
                try await group.waitForAll()
            }
            for session in sessions {
                let overview = try #require(try await bench.store.session(session.id, epoch: 0))
                #expect((overview.end == nil) == (overview.session.organization == "other"))
                // Nor does this node take it for ended.
                if overview.end == nil { #expect(!told.contains(session.id)) }
            }
        }
    }

    @Test func textsWithSlashesAreFoundAfterAnUpdate() async throws {
        try await StoreBench.run { bench in
            let session = try await Self.session(bench, "a", of: nil)
            _ = try await bench.store.update(
                session.id,
                UpdateOrder(sessionName: "Desk 3/4", organization: "a/b"),
                epoch: 0,
                origin: nil
            )
            for adjust: (inout SessionFilter) -> Void in [
                { $0.organization = "a/b" }, { $0.search = SearchText("DESK 3/4") },
            ] {
                var filter = SessionFilter()
                adjust(&filter)
                #expect(try await bench.list(limit: 10, filter).sessions.count == 1)
            }
        }
    }
}
