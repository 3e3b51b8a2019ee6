import SessionCore
import Testing

@Suite struct LimitOverridesTests {
    private static let policy: SessionPolicy = {
        var policy = SessionPolicy()
        policy.maximumSessions = 10
        policy.limitBehaviour = .revokeOldest
        return policy
    }()

    private static func limit(
        _ overrides: LimitOverrides,
        _ user: String,
        _ organization: String? = nil
    ) throws -> String {
        let policy = overrides.applied(
            to: self.policy,
            user: try UserID(user),
            organization: organization
        )
        return "\(policy.maximumSessions) \(policy.limitBehaviour.rawValue)"
    }

    @Test func theUsersGoesBeforeTheOrganizationsBeforeEverybodys() throws {
        var overrides = LimitOverrides()
        try overrides.set(.maxSessions, .integer(0), for: "svc-ci", in: .users)
        try overrides.set(.maxSessions, .integer(1), for: "kim", in: .users)
        try overrides.set(.maxSessions, .integer(3), for: "acme", in: .organizations)
        try overrides.set(.limitBehaviour, .text("deny"), for: "acme", in: .organizations)
        try overrides.set(.limitBehaviour, .text("deny"), for: "lee", in: .users)
        for (user, organization, expected) in [
            ("bob", nil, "10 revoke-oldest"), ("bob", "other", "10 revoke-oldest"),
            ("bob", "acme", "3 deny"), ("bob", "Acme", "10 revoke-oldest"),
            ("svc-ci", nil, "0 revoke-oldest"), ("svc-ci", "acme", "0 deny"), ("kim", "acme", "1 deny"),
            ("kim", nil, "1 revoke-oldest"), ("lee", nil, "10 deny"), ("lee", "acme", "3 deny"),
            // A user's name is no organization's.
            ("acme", nil, "10 revoke-oldest"), ("bob", "kim", "10 revoke-oldest"),
        ] as [(String, String?, String)] {
            #expect(
                try Self.limit(overrides, user, organization) == expected,
                "\(user) of \(organization ?? "none")"
            )
        }
        // Nothing but the limit is different.
        var expected = Self.policy
        expected.maximumSessions = 0
        #expect(
            overrides.applied(to: Self.policy, user: try UserID("svc-ci"), organization: nil) == expected
        )
    }

    @Test func namesAreComparedAsBytes() throws {
        var overrides = LimitOverrides()
        try overrides.set(.maxSessions, .integer(1), for: "\u{E9}", in: .users)
        try overrides.set(.maxSessions, .integer(2), for: "e\u{301}", in: .users)
        #expect(overrides.entries(.users).count == 2)
        #expect(try Self.limit(overrides, "\u{E9}") == "1 revoke-oldest")
        #expect(try Self.limit(overrides, "e\u{301}") == "2 revoke-oldest")
    }

    @Test func whatIsWrongIsNamed() throws {
        var overrides = LimitOverrides()
        let long = String(repeating: "x", count: 60)
        for (name, setting, value, field, words) in [
            (
                "kim", .maxSessions, .integer(-1), "limits.users.kim.maxSessions",
                ["-1", "0 (unlimited) to 1000"]
            ),
            ("kim", .maxSessions, .integer(1001), "limits.users.kim.maxSessions", ["1001"]),
            ("kim", .maxSessions, .text("3"), "limits.users.kim.maxSessions", ["3", "to 1000"]),
            ("kim", .limitBehaviour, .text("ask"), "limits.users.kim.limitBehaviour", ["ask", "deny"]),
            ("kim", .idleTimeout, .integer(60), "limits.users.kim", ["idleTimeout", "maxSessions"]),
            (long, .maxSessions, .integer(-1), "limits.users.(a name of 60 bytes).maxSessions", ["-1"]),
            ("", .maxSessions, .integer(1), "limits.users", ["1 to 256 bytes"]),
            ("a\nb", .maxSessions, .integer(1), "limits.users", ["control"]),
            (String(repeating: "x", count: 257), .maxSessions, .integer(1), "limits.users", ["256"]),
        ] as [(String, PolicySetting, PolicySetting.Value, String, [String])] {
            #expect {
                try overrides.set(setting, value, for: name, in: .users)
            } throws: {
                guard let error = $0 as? InputError else { return false }
                return error.field == field && words.allSatisfy(error.reason.contains)
            }
        }
        #expect(overrides.isEmpty)
    }

    @Test(arguments: LimitOverrides.Scope.allCases)
    func thereIsRoomForAThousand(scope: LimitOverrides.Scope) throws {
        var overrides = LimitOverrides()
        for number in 0..<LimitOverrides.maximumEntries {
            try overrides.set(.maxSessions, .integer(number % 5), for: "name-\(number)", in: scope)
        }
        // Another value for one that is there is no new entry.
        try overrides.set(.limitBehaviour, .text("deny"), for: "name-0", in: scope)
        #expect {
            try overrides.set(.maxSessions, .integer(1), for: "one more", in: scope)
        } throws: {
            ($0 as? InputError)?.field == "limits.\(scope.rawValue)"
                && ($0 as? InputError)?.reason.contains("1000") == true
        }
        #expect(overrides.entries(scope).count == LimitOverrides.maximumEntries)
    }
}
