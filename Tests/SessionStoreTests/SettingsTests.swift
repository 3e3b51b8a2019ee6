import RedisClient
import SessionCore
import SessionStore
import StoreTestSupport
import Testing

@Suite struct SettingsTests {
    @Test func settingsAreReplacedByWhoeverReadThemLast() async throws {
        try await StoreBench.run { bench in
            #expect(try await bench.store.settings() == .none)
            var overrides = PolicyOverrides()
            try overrides.set(.idleTimeout, .integer(900))
            try overrides.set(.limitBehaviour, .text("deny"))
            let first = try await bench.store.setSettings(
                overrides,
                expecting: 0,
                by: "ro \"ot\": ü",
                origin: nil
            )
            let stored = try await bench.store.settings()
            #expect(first.value == .changed(stored))
            #expect(stored.version == 1 && stored.overrides == overrides)
            #expect(stored.changedBy == "ro \"ot\": ü")
            let now = try await bench.now()
            let at = try #require(stored.changedAt)
            #expect(at <= now && at > now - .seconds(60))
            for stale in [0, 2, 7] {
                let late = try await bench.store.setSettings(
                    PolicyOverrides(),
                    expecting: stale,
                    by: nil,
                    origin: nil
                )
                #expect(late.value == .conflict(present: 1))
            }
            #expect(try await bench.store.settings() == stored)
            _ = try await bench.store.setSettings(PolicyOverrides(), expecting: 1, by: nil, origin: nil)
            let empty = try await bench.store.settings()
            #expect(empty.version == 2 && empty.overrides == PolicyOverrides() && empty.changedBy == nil)
            let events = try await bench.redis("XLEN", bench.store.keys.globalEvents.description)
            #expect(events.int == 2)
        }
    }

    @Test func limitsAreKeptWithWhateverNames() async throws {
        try await StoreBench.run { bench in
            var overrides = PolicyOverrides()
            try overrides.set(.maxSessions, .integer(4))
            for name in ["svc-ci", "a\"b\\c/d", "é", "🦉: 1", String(repeating: "x", count: 256)] {
                for scope in LimitOverrides.Scope.allCases {
                    try overrides.limits.set(.maxSessions, .integer(name.utf8.count), for: name, in: scope)
                    try overrides.limits.set(.limitBehaviour, .text("deny"), for: name, in: scope)
                }
            }
            try overrides.limits.set(.limitBehaviour, .text("deny"), for: "only this", in: .users)
            let changed = try await bench.store.setSettings(overrides, expecting: 0, by: "root", origin: nil)
            let stored = try await bench.store.settings()
            #expect(changed.value == .changed(stored) && stored.overrides == overrides)
            // What a later version has set is left out.
            let later = try #require(
                StoredSettings(
                    #"7:5:{"maxSessions":4,"limits":{"users":{"a":{"maxSessions":2,"x":1},"b":{"maxSessions":9999}},"teams":{"t":{"maxSessions":1}}}}"#
                )
            )
            #expect(later.overrides.limits.entries(.users).map(\.name) == ["a"])
            #expect(later.overrides.limits.entries(.organizations).isEmpty)
        }
    }

    @Test func aLongDocumentIsNotInTheEvent() async throws {
        try await StoreBench.run { bench in
            var overrides = PolicyOverrides()
            for number in 0..<1000 {
                let name = String(repeating: "x", count: 240) + "\(number)"
                try overrides.limits.set(.maxSessions, .integer(3), for: name, in: .users)
                try overrides.limits.set(.maxSessions, .integer(3), for: name, in: .organizations)
            }
            _ = try await bench.store.setSettings(overrides, expecting: 0, by: "root", origin: nil)
            #expect(try await bench.store.settings().overrides == overrides)
            let key = bench.store.keys.globalEvents.description
            #expect(try await bench.redis("MEMORY", "USAGE", key).int ?? .max < 10_000)
        }
    }

    @Test func ofManyAtOnceOneWins() async throws {
        try await StoreBench.run { bench in
            let store = bench.store
            let won = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 1...20 {
                    group.addTask {
                        var overrides = PolicyOverrides()
                        try overrides.set(.maxSessions, .integer(number))
                        let result = try await store.setSettings(
                            overrides,
                            expecting: 0,
                            by: nil,
                            origin: nil
                        )
                        if case .changed = result.value { return true }
                        return false
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(won == 1)
            #expect(try await store.settings().version == 1)
        }
    }

    @Test(arguments: [
        "", "1", "1:2", "x:2:{}", "0:2:{}", "1:x:{}", "1:2:", "1:2:[]", "1:2:{\"idleTimeout\":true}",
        "1:2:{\"limits\":[]}",
    ])
    func whatCannotBeReadIsSaid(text: String) async throws {
        #expect(StoredSettings(text) == nil)
        try await StoreBench.run { bench in
            try await bench.redis("SET", bench.store.keys.settings.description, text)
            await #expect(throws: StoreError.self) { _ = try await bench.store.settings() }
        }
    }

    @Test func settingsOfAnotherVersionAreLeftOut() throws {
        let stored = try #require(
            StoredSettings(#"7:5:{"by":"a","idleTimeout":5,"maxSessions":4,"somethingNew":"x"}"#)
        )
        #expect(stored.version == 7 && stored.overrides.values == [.maxSessions: .integer(4)])
    }
}
