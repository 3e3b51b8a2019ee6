import SessionCore
import Testing

@Suite struct SessionPolicyTests {
    @Test func defaultsAreValid() throws {
        let policy = SessionPolicy()
        try policy.validate()
        #expect(policy.timeouts(remember: false) == (.seconds(3600), .seconds(86_400)))
        #expect(policy.timeouts(remember: true) == (.seconds(2_592_000), .seconds(2_592_000)))
    }

    @Test(arguments: SessionPreset.allCases)
    func presetsAreValid(preset: SessionPreset) throws {
        var policy = SessionPolicy()
        policy.maximumSessions = 3
        policy.rotationGrace = .seconds(5)
        let applied = preset.applied(to: policy)
        try applied.validate()
        #expect(applied.maximumSessions == 3)
        #expect(applied.rotationGrace == .seconds(5))
        #expect(SessionPreset(rawValue: preset.rawValue) == preset)
    }

    @Test(arguments: [
        (SessionPreset.personalServer, 480 * 60, 30 * 86_400), (.sharedWorkstation, 30 * 60, 30 * 60),
        (.highSecurity, 15 * 60, 15 * 60), (.kiosk, 5 * 60, 5 * 60), (.longLived, 7 * 86_400, 30 * 86_400),
        (.aal1, 30 * 86_400, 30 * 86_400), (.aal2, 3600, 3600), (.aal3, 900, 900),
    ])
    func presetsHaveTheirTimeouts(preset: SessionPreset, idle: Int, remembered: Int) {
        let policy = preset.applied(to: SessionPolicy())
        #expect(policy.timeouts(remember: false).idle == .seconds(idle))
        #expect(policy.timeouts(remember: true).idle == .seconds(remembered))
    }

    @Test func valuesOutOfRangeAreNamed() {
        let breaches: [(String, (inout SessionPolicy) -> Void)] = [
            ("idleTimeout", { $0.idleTimeout = .seconds(59) }),
            ("idleTimeout", { $0.idleTimeout = .seconds(90 * 86_400 + 1) }),
            ("idleTimeout", { $0.idleTimeout = .seconds(2 * 86_400) }),
            ("absoluteTimeout", { $0.absoluteTimeout = .seconds(59) }),
            ("absoluteTimeout", { $0.absoluteTimeout = .seconds(400 * 86_400 + 1) }),
            ("rememberIdleTimeout", { $0.rememberIdleTimeout = .seconds(1) }),
            ("rememberIdleTimeout", { $0.rememberIdleTimeout = .seconds(31 * 86_400) }),
            ("rememberAbsoluteTimeout", { $0.rememberAbsoluteTimeout = .seconds(1) }),
            ("maxSessions", { $0.maximumSessions = -1 }), ("maxSessions", { $0.maximumSessions = 1001 }),
            ("rotationGrace", { $0.rotationGrace = .seconds(-1) }),
            ("rotationGrace", { $0.rotationGrace = .milliseconds(300_001) }),
            ("retention", { $0.retention = .seconds(401 * 86_400) }),
        ]
        for (field, breach) in breaches {
            var policy = SessionPolicy()
            breach(&policy)
            #expect(performing: { try policy.validate() }, throws: { ($0 as? InputError)?.field == field })
        }
    }

    @Test(arguments: [(60, 1), (600, 1), (1200, 2), (3600, 6), (36_000, 60), (2_592_000, 60)])
    func touchPrecisionIsA600th(idle: Int, precision: Int) {
        #expect(SessionPolicy.touchPrecision(forIdleTimeout: .seconds(idle)) == .seconds(precision))
    }
}
