import HTTPTypes
import SessionAuthentication
import SessionCore
import Testing

@testable import HTTPFront

@Suite struct InputTests {
    @Test(arguments: [
        ("{", JSONFault.syntax), ("", .syntax), ("{} x", .syntax), ("[1,]", .syntax), ("{\"a\":1,}", .syntax),
        ("01", .syntax), ("1.", .syntax), ("-", .syntax), ("1e", .syntax), ("tru", .syntax), ("'a'", .syntax),
        ("\"a\nb\"", .syntax), ("\"\\x\"", .syntax), ("\"\\u12g4\"", .syntax), ("[1 2]", .syntax),
        ("NaN", .syntax),
        ("{\"a\":1,\"a\":2}", .duplicate), ("{\"a\":1,\"\\u0061\":2}", .duplicate),
        ("{\"b\":{\"a\":1,\"a\":2}}", .duplicate), ("\"\\u0000\"", .character), ("\"\\ud800\"", .character),
        ("\"\\ud800\\u0041\"", .character), ("\"\\udc00\"", .character), ("\"\u{0}\"", .character),
        (String(repeating: "[", count: 34) + String(repeating: "]", count: 34), .depth),
        (String(repeating: "[", count: 50_000), .depth),
    ])
    func rfc8259RefusesAmbiguousJSON(_ text: String, _ fault: JSONFault) {
        #expect(throws: fault) { try JSONScanner.scan(Array(text.utf8)) }
    }

    @Test func rfc8259RefusesWhatIsNotUTF8() {
        #expect(throws: JSONFault.encoding) { try JSONScanner.scan([0x22, 0xFF, 0x22]) }
        #expect(throws: JSONFault.encoding) { try JSONScanner.scan([0x22, 0xED, 0xA0, 0x80, 0x22]) }
    }

    @Test func findsMembers() throws {
        let text = #" { "a" : [1, {"x": "}"}] , "\u0062":-1.5e+3,"c":{},"d":"\ud83d\ude00" } "#
        let bytes = Array(text.utf8)
        let members = try #require(try JSONScanner.scan(bytes))
        func value(_ name: String) -> String? {
            members[name].map { String(decoding: bytes[$0], as: UTF8.self) }
        }
        #expect(members.keys.sorted() == ["a", "b", "c", "d"])
        #expect(value("a") == #"[1, {"x": "}"}]"#)
        #expect(value("b") == "-1.5e+3")
        #expect(value("c") == "{}")
        #expect(try JSONScanner.scan(Array("[true, false, null, 0]".utf8)) == nil)
        let deep = String(repeating: "[", count: 33) + String(repeating: "]", count: 33)
        #expect(try JSONScanner.scan(Array(deep.utf8)) == nil)
    }

    @Test func readsQueries() throws {
        let query = try Query("userId=a%20b%C3%A9+c&limit=20&all=true", allowed: ["userId", "limit", "all"])
        #expect(query["userId"] == "a bé c")
        #expect(try query.integer("limit", in: 1...200, default: 10) == 20)
        #expect(try query.integer("offset", in: 0...5, default: 3) == 3)
        #expect(try query.flag("all"))
        #expect(throws: Problem.self) { try query.integer("limit", in: 1...10, default: 1) }
        for bad in ["x=1", "userId=1&userId=2", "userId=%zz", "userId=%f", "userId=%ff", "=1"] {
            #expect(throws: Problem.self) { try Query(bad, allowed: ["userId"]) }
        }
    }

    @Test func rfc6750TakesOneTokenOnly() {
        let cookie = SessionCookie(isSecure: false)
        func presented(_ fields: (HTTPField.Name, String)...) -> PresentedToken {
            var headers = HTTPFields()
            for (name, value) in fields { headers.append(HTTPField(name: name, value: value)) }
            return PresentedToken(headers, cookie: cookie)
        }
        #expect(presented() == .none)
        #expect(presented((.cookie, "a=b; xsession_token=1; session_tokenx=2")) == .none)
        #expect(presented((.cookie, "a=b;session_token=c=d ;e")) == .one("c=d", .cookie))
        #expect(presented((.cookie, "session_token=\"x\"")) == .one("\"x\"", .cookie))
        #expect(presented((.cookie, "session_token=1; session_token=1")) == .ambiguous)
        #expect(presented((.cookie, "session_token=1"), (.cookie, "session_token=1")) == .ambiguous)
        #expect(presented((.cookie, "session_token=1"), (.authorization, "Bearer 1")) == .ambiguous)
        #expect(presented((.cookie, "session_token=1"), (.authorization, "Basic 1")) == .one("1", .cookie))
        #expect(presented((.authorization, "Bearer 1")) == .one("1", .bearer))
        #expect(presented((.authorization, "bearer  1")) == .one("1", .bearer))
        #expect(presented((.authorization, "Bearer")) == .one("", .bearer))
        #expect(presented((.authorization, "Bearerx 1")) == .none)
        #expect(presented((.authorization, "Bearer 1"), (.authorization, "Bearer 1")) == .ambiguous)
        #expect(presented((.authorization, "Basic 1"), (.authorization, "Bearer 1")) == .ambiguous)
    }

    @Test func writesHeaderLines() throws {
        var lines = HeaderLines(capacity: 0)
        lines.add("A", "a@b.c b%é\u{7f}~")
        lines.add("B", nil)
        lines.add("C", "")
        lines.add("D", list: [])
        lines.add("E", list: ["x", "y z"])
        lines.add("F", Timestamp(milliseconds: 951_782_400_123))
        lines.add("G", try #require(SessionID("00ff0123456789abcdef")))
        let text = String(decoding: lines.bytes, as: UTF8.self)
        #expect(
            text == "A: a@b.c%20b%25%C3%A9%7F~\r\nE: x,y%20z\r\nF: 2000-02-29T00:00:00.123Z\r\n"
                + "G: 00ff0123456789abcdef\r\n"
        )
    }

    @Test func asvs33WritesCookies() {
        let secure = SessionCookie(sameSite: .strict)
        #expect(
            secure.setting(token: "t", lifetime: .seconds(60))
                == "__Host-session_token=t; Max-Age=60; Path=/; HttpOnly; SameSite=Strict; Secure"
        )
        #expect(
            SessionCookie(isSecure: false).clearing
                == "session_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
        )
    }
}
