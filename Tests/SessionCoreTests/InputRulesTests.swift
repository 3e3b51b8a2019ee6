import SessionCore
import Testing

@Suite struct InputRulesTests {
    @Test func namesAreOneTo256Bytes() throws {
        #expect(throws: InputError.self) { try UserID("") }
        #expect(try UserID(String(repeating: "x", count: 256)).text.utf8.count == 256)
        #expect(throws: InputError.self) { try UserID(String(repeating: "x", count: 257)) }
        #expect(throws: InputError.self) { try UserID(String(repeating: "é", count: 129)) }
        #expect(throws: InputError.self) { try UserID(String(repeating: "x", count: 1_000_000)) }
    }

    @Test(arguments: [
        "\u{0}", "\t", "\n", "\r\n", "\u{1B}", "\u{7F}", "\u{80}", "\u{85}", "\u{9F}", "\u{2028}", "\u{2029}",
        "\u{61C}", "\u{200E}", "\u{200F}", "\u{202A}", "\u{202E}", "\u{2066}", "\u{2069}",
    ])
    func controlAndDirectionCharactersAreRefused(character: String) {
        for text in [character, "a" + character, character + "a", "a" + character + "\u{301}"] {
            #expect(throws: InputError.self) { try InputRules.name(text, field: "name") }
        }
    }

    @Test(arguments: ["a", "{}", "a b", "é", "🔑", "مستخدم", "用户", "a\u{301}", "\u{A0}", "<script>"])
    func everythingElseIsAllowed(text: String) throws {
        #expect(try InputRules.name(text, field: "name") == text)
    }

    @Test func errorsNameTheField() {
        #expect(performing: { try UserID("\n") }, throws: { ($0 as? InputError)?.field == "userId" })
    }

    @Test func newSessionsAreValidated() throws {
        var new = NewSession(user: try UserID("alice"))
        new.roles = (0..<32).map { "role\($0)" }
        new.factors = ["password", "otp"]
        new.organization = "acme"
        new.data = String(repeating: "x", count: 8192)
        new.details.ipAddress = "2001:db8::1"
        try new.validate()

        let breaches: [(inout NewSession) -> Void] = [
            { $0.roles.append("one more") }, { $0.roles = ["a,b"] }, { $0.roles = [""] },
            { $0.roles = [String(repeating: "x", count: 65)] }, { $0.roles = ["a\u{202E}"] },
            { $0.factors = (0..<9).map { "\($0)" } }, { $0.organization = "" }, { $0.organization = "a\nb" },
            { $0.data?.append("x") }, { $0.details.displayName = "" }, { $0.details.email = "a\u{0}" },
            { $0.details.sessionName = String(repeating: "x", count: 257) },
            { $0.details.ipAddress = String(repeating: "1", count: 65) }, { $0.details.ipAddress = "" },
            { $0.details.ipAddress = "unknown" }, { $0.details.ipAddress = "192.0.2.0/24" },
        ]
        for breach in breaches {
            var broken = new
            breach(&broken)
            #expect(throws: InputError.self) { try broken.validate() }
            #expect(throws: InputError.self) { try broken.normalized() }
        }
        #expect(try new.normalized() == new)
        var odd = new
        odd.details.ipAddress = "[2001:0DB8::1]:443"
        #expect(try odd.normalized() == new)
    }

    @Test func userAgentsAreCutAtACharactersEdge() {
        #expect(SessionDetails.trimmed(userAgent: "curl/8") == "curl/8")
        let exact = String(repeating: "x", count: 512)
        #expect(SessionDetails.trimmed(userAgent: exact) == exact)
        let long = SessionDetails.trimmed(userAgent: "x" + String(repeating: "é", count: 400))
        #expect(long.utf8.count == 511)
        #expect(SessionDetails.trimmed(userAgent: String(repeating: "🔑", count: 400)).utf8.count == 512)
    }
}
