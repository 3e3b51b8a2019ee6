import SessionCore
import Testing

@Suite struct SessionColumnTests {
    private static func overview(
        _ number: UInt64,
        user: String = "u",
        ip: String? = nil,
        created: Int64 = 0,
        active: Int64 = 0,
        idle: Duration = .seconds(1)
    ) throws -> SessionOverview {
        let session = LiveSession(
            id: SessionID(partition: .first, value: number),
            user: try UserID(user),
            organization: nil,
            roles: [],
            factors: [],
            createdAt: Timestamp(milliseconds: created),
            authenticatedAt: Timestamp(milliseconds: created),
            absoluteDeadline: Timestamp(milliseconds: 1_000_000),
            idleTimeout: idle,
            epoch: 0,
            isRemembered: false
        )
        var details = SessionDetails()
        details.ipAddress = ip
        return SessionOverview(
            session: session,
            details: details,
            lastActivity: Timestamp(milliseconds: active),
            end: nil
        )
    }

    private static func order(
        _ column: SessionColumn,
        _ sessions: [SessionOverview],
        isAscending: Bool = true
    ) -> [UInt64] {
        column.sorted(sessions.shuffled(), isAscending: isAscending).map(\.session.id.value)
    }

    @Test func addressesAreNumbersAndWhatIsUnknownComesLast() throws {
        let addresses: [String?] = [
            "10.0.0.10", "10.0.0.9", "2001:db8::1", "nonsense", nil, "::ffff:10.0.0.1", "10.0.0.9",
        ]
        let sessions = try addresses.enumerated().map { try Self.overview(UInt64($0), ip: $1) }
        #expect(Self.order(.ip, sessions) == [5, 1, 6, 0, 2, 3, 4])
        #expect(Self.order(.ip, sessions, isAscending: false) == [2, 0, 1, 6, 5, 3, 4])
    }

    @Test func usersAreBytesAndTimesAreNumbers() throws {
        let sessions = try [
            Self.overview(0, user: "b", created: 3, active: 30, idle: .seconds(1)),
            Self.overview(1, user: "B", created: 2, active: 20, idle: .seconds(3)),
            Self.overview(2, user: "é", created: 1, active: 10, idle: .seconds(2)),
            Self.overview(3, user: "b", created: 3, active: 30, idle: .seconds(5000)),
        ]
        #expect(Self.order(.user, sessions) == [1, 0, 3, 2])
        #expect(Self.order(.user, sessions, isAscending: false) == [2, 0, 3, 1])
        #expect(Self.order(.created, sessions) == [2, 1, 0, 3])
        #expect(Self.order(.lastActivity, sessions, isAscending: false) == [0, 3, 1, 2])
        // 1,030, 3,020, 2,010, and the absolute deadline.
        #expect(Self.order(.expires, sessions) == [0, 2, 1, 3])
    }

    @Test(arguments: [(0, 5), (1, 1), (3, 5), (5, 5), (10, 5), (1000, 7), (7, 0), (4096, 1024)])
    func ranksAreEvenlySpaced(count: Int, sample: Int) {
        let ranks = EvenRanks.of(count, sample: sample)
        #expect(ranks.count == min(count, sample))
        #expect(ranks == ranks.sorted() && Set(ranks).count == ranks.count)
        #expect(ranks.allSatisfy { (0..<count).contains($0) })
        if sample > 0, count > sample {
            let mean = ranks.reduce(0, +) * 2 / sample
            #expect(abs(mean - (count - 1)) <= count / sample + 1)
        }
    }
}
