import SessionCore
import Testing

@Suite struct SessionFilterTests {
    /// ünal of acme, from 10.1.2.3, created at 1000.
    private static func overview(_ kind: EndKind? = nil) throws -> SessionOverview {
        let session = LiveSession(
            id: SessionID(partition: .first, value: 1),
            user: try UserID("Ünal-7"),
            organization: "acme",
            roles: [],
            factors: [],
            createdAt: Timestamp(milliseconds: 1000),
            authenticatedAt: Timestamp(milliseconds: 1000),
            absoluteDeadline: Timestamp(milliseconds: 9000),
            idleTimeout: .seconds(1),
            epoch: 0,
            isRemembered: false
        )
        var details = SessionDetails()
        details.displayName = "Ünal Öz"
        details.email = "U.Oez@Example.org"
        details.sessionName = "Küche"
        details.ipAddress = "10.1.2.3"
        details.userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
        details.loginMethod = "password"
        details.location = SessionLocation()
        details.location?.country = "DE"
        details.location?.region = "Bayern"
        details.location?.city = "München"
        details.location?.isp = "Example Net"
        let end = kind.map { EndRecord(Ending($0), at: Timestamp(milliseconds: 2000)) }
        return SessionOverview(session: session, details: details, lastActivity: session.createdAt, end: end)
    }

    @Test func everyConditionCounts() throws {
        let user = try UserID("Ünal-7")
        let other = try UserID("U\u{308}nal-7")
        let rows: [(String, Bool, (inout SessionFilter) -> Void)] = [
            ("nothing", true, { _ in }),
            ("user", true, { $0.user = user }),
            ("user of other bytes", false, { $0.user = other }),
            ("organization", true, { $0.organization = "acme" }),
            ("organization's case", false, { $0.organization = "Acme" }),
            ("method", true, { $0.loginMethod = "password" }), ("method", false, { $0.loginMethod = "pass" }),
            ("block", true, { $0.network = IPNetwork("10.0.0.0/8") }),
            ("block", false, { $0.network = IPNetwork("11.0.0.0/8") }),
            ("country", true, { $0.country = "DE" }), ("country", false, { $0.country = "AT" }),
            ("search city", true, { $0.search = SearchText("münch") }),
            ("search ISP", true, { $0.search = SearchText("example net") }),
            ("search region", false, { $0.search = SearchText("bayern") }),
            ("since", true, { $0.since = Timestamp(milliseconds: 1000) }),
            ("since", false, { $0.since = Timestamp(milliseconds: 1001) }),
            ("until", true, { $0.until = Timestamp(milliseconds: 1001) }),
            ("until is not included", false, { $0.until = Timestamp(milliseconds: 1000) }),
            ("search user", true, { $0.search = SearchText("NAL-7") }),
            ("search name", true, { $0.search = SearchText("ÖZ") }),
            ("search e-mail", true, { $0.search = SearchText("u.oez@EXAMPLE") }),
            ("search address", true, { $0.search = SearchText("10.1.2") }),
            ("search session name", true, { $0.search = SearchText("küche") }),
            ("search agent", true, { $0.search = SearchText("firefox") }),
            ("device", true, { $0.device = .desktop }), ("device", false, { $0.device = .phone }),
            ("browser", true, { $0.browser = "fireFOX" }),
            ("part of browser", false, { $0.browser = "fire" }),
            ("os", true, { $0.os = "linux" }), ("os", false, { $0.os = "Windows" }),
            ("search organization", false, { $0.search = SearchText("acme") }),
            ("search", false, { $0.search = SearchText("chrome") }),
            ("search across fields", false, { $0.search = SearchText("10.1.2.3Mozilla") }),
            (
                "two conditions", false,
                {
                    $0.organization = "acme"
                    $0.loginMethod = "sso"
                }
            ),
            ("status", false, { $0.statuses = [.ended(.revoked)] }), ("status", false, { $0.statuses = [] }),
            ("every status", true, { $0.statuses = SessionFilter.everyStatus }),
        ]
        let overview = try Self.overview()
        for (name, isMatch, adjust) in rows {
            var filter = SessionFilter()
            adjust(&filter)
            #expect(filter.matches(overview) == isMatch, "\(name)")
        }
    }

    @Test(arguments: EndKind.allCases)
    func statusIsHowItEnded(kind: EndKind) throws {
        let overview = try Self.overview(kind)
        #expect(!SessionFilter().matches(overview))
        for status in SessionStatus.allCases {
            var filter = SessionFilter()
            filter.statuses = [status]
            #expect(filter.matches(overview) == (status == .ended(kind)))
            #expect(SessionStatus(status.description) == status)
        }
        #expect(SessionStatus("Active") == nil && SessionStatus("") == nil)
    }

    @Test func whatIsUnknownMatchesNoCondition() throws {
        let known = try Self.overview()
        let bare = SessionOverview(
            session: LiveSession(
                id: known.session.id,
                user: known.session.user,
                organization: nil,
                roles: [],
                factors: [],
                createdAt: known.session.createdAt,
                authenticatedAt: known.session.createdAt,
                absoluteDeadline: known.session.absoluteDeadline,
                idleTimeout: .seconds(1),
                epoch: 0,
                isRemembered: false
            ),
            details: SessionDetails(),
            lastActivity: known.lastActivity,
            end: nil
        )
        for adjust: (inout SessionFilter) -> Void in [
            { $0.organization = "acme" }, { $0.loginMethod = "password" },
            { $0.network = IPNetwork("0.0.0.0/0") }, { $0.device = .desktop }, { $0.browser = "Firefox" },
            { $0.os = "Linux" }, { $0.search = SearchText("firefox") },
        ] {
            var filter = SessionFilter()
            adjust(&filter)
            #expect(filter.matches(known) && !filter.matches(bare))
        }
    }

    @Test(arguments: [
        ListCursor(part: .active, isAscending: false, after: nil, skip: 0),
        ListCursor(
            part: .ended,
            isAscending: true,
            after: .init(score: 1_803_902_400_123, id: SessionID(partition: .first, value: .max)),
            skip: 100_000
        ),
        ListCursor(part: .active, isAscending: true, after: .end(of: -5), skip: 1),
    ])
    func cursorsAreReadBack(cursor: ListCursor) {
        #expect(ListCursor(cursor.text) == cursor)
        let isSafe = cursor.text.utf8.allSatisfy {
            Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8).contains($0)
        }
        #expect(isSafe)
    }

    @Test(arguments: [
        "", "x", String(repeating: "A", count: 31), String(repeating: "A", count: 32),
        String(repeating: "_", count: 32), String(repeating: "!", count: 32),
        String(repeating: "ü", count: 16), "AQ==", String(repeating: "A", count: 33),
        // Version 1, part 2; version 1, partition 256.
        "AQQ" + String(repeating: "A", count: 29), "AQAAAAAAAAAAAAAAAAABAAAAAAAAAAAA",
    ])
    func otherTextsAreNoCursors(text: String) { #expect(ListCursor(text) == nil) }
}
