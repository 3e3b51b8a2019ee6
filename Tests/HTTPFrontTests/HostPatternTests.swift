import Testing

@testable import HTTPFront

/// Whither a login may lead back. `evil.example:80.ok.example` ended in a host of the list and was believed.
@Suite struct HostPatternTests {
    @Test(arguments: [
        ("app.example", "app.example", true), ("app.example", "APP.example", true),
        ("app.example", "app.example:8443", false), ("app.example:8443", "app.example:8443", true),
        ("*.ok.example", "a.ok.example", true), ("*.ok.example", "a.b.ok.example", true),
        ("*.ok.example", "ok.example", false), ("*.ok.example", "a.ok.example:8443", false),
        ("*.ok.example:8443", "a.ok.example:8443", true),
        ("*.ok.example", "evil.example:80.ok.example", false),
        ("*.ok.example", "evil.example:.ok.example", false), ("*.ok.example", "[::1].ok.example", false),
        ("*.ok.example", ".ok.example", false), ("*.ok.example", "a..ok.example", false),
        ("*.ok.example", "evil.example/.ok.example", false), ("*.ok.example", "u@a.ok.example", false),
        ("[2001:db8::1]:8443", "[2001:DB8::1]:8443", true),
    ])
    func onlyWholeNamesMatch(_ pattern: String, _ host: String, _ isMatch: Bool) {
        #expect(HostPattern(pattern)?.matches(host) == isMatch, "\(pattern) \(host)")
    }

    @Test(arguments: [
        "", "*.", "a b", "a:b", "a:0", "a:65536", "a:8080:9", "a..b", "[::1", "[]", "a/b", "*.*.a", "*",
    ])
    func whatIsNoHostIsNoPattern(_ text: String) {
        #expect(HostPattern(text) == nil)
    }
}
