import SessionCore
import Testing

@Suite struct PolicySettingTests {
    @Test(arguments: PolicySetting.allCases)
    func everySettingTakesItsRangeAndNothingElse(setting: PolicySetting) throws {
        var overrides = PolicyOverrides()
        if let range = setting.range {
            for value in [range.lowerBound, range.upperBound] {
                try overrides.set(setting, .integer(value))
                #expect(setting.value(in: overrides.applied(to: Self.wide)) == .integer(value))
            }
            let before = overrides
            for value in [range.lowerBound - 1, range.upperBound + 1, .min, .max] {
                #expect {
                    try overrides.set(setting, .integer(value))
                } throws: {
                    let error = $0 as? InputError
                    return error?.field == setting.rawValue && error?.reason.hasPrefix("\(value) ") == true
                        && error?.reason.contains(setting.allowed) == true
                }
            }
            #expect(throws: InputError.self) { try overrides.set(setting, .text("60")) }
            #expect(overrides == before)
        } else {
            try overrides.set(setting, .text("deny"))
            #expect(overrides.applied(to: SessionPolicy()).limitBehaviour == .deny)
            for value in [PolicySetting.Value.text("Deny"), .text(""), .integer(1)] {
                #expect(throws: InputError.self) { try overrides.set(setting, value) }
            }
        }
    }

    /// A policy whose absolute timeouts are the longest.
    private static var wide: SessionPolicy {
        var policy = SessionPolicy()
        policy.absoluteTimeout = .seconds(400 * 86_400)
        policy.rememberAbsoluteTimeout = .seconds(400 * 86_400)
        return policy
    }

    @Test func whatIsNotSetIsTheConfigurations() throws {
        var configured = SessionPolicy()
        configured.maximumSessions = 3
        configured.rotationGrace = .seconds(7)
        #expect(PolicyOverrides().applied(to: configured) == configured)
        var overrides = PolicyOverrides()
        try overrides.set(.idleTimeout, .integer(600))
        let policy = overrides.applied(to: configured)
        #expect(policy.idleTimeout == .seconds(600) && policy.maximumSessions == 3)
        #expect(policy.rotationGrace == .seconds(7))
    }

    @Test func idleNeverOutlastsAbsolute() throws {
        var overrides = PolicyOverrides()
        try overrides.set(.idleTimeout, .integer(7200))
        try overrides.validate(over: SessionPolicy())
        try overrides.set(.absoluteTimeout, .integer(3600))
        #expect {
            try overrides.validate(over: SessionPolicy())
        } throws: {
            ($0 as? InputError)?.field == "idleTimeout"
                && ($0 as? InputError)?.reason.contains("7200") == true
                && ($0 as? InputError)?.reason.contains("3600") == true
        }
        // A node that is configured otherwise than the one that was asked stays on the safe side.
        let policy = overrides.applied(to: SessionPolicy())
        #expect(policy.idleTimeout == .seconds(3600) && policy.absoluteTimeout == .seconds(3600))
        try policy.validate()
    }

    @Test func longTextsAreNotRepeated() {
        let text = String(repeating: "x", count: 64)
        #expect(!PolicySetting.Value.text(text).description.contains("xx"))
    }
}
