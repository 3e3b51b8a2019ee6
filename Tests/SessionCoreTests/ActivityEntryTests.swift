import SessionCore
import Testing

@Suite struct ActivityEntryTests {
    private static let secret = String(repeating: "s", count: 64)

    @Test(arguments: [
        ("/a/b", "/a/b"), ("/a?token=x", "/a"), ("/?", "/"), ("/a#b?c", "/a"), ("/a%3Fb", "/a%3Fb"),
        ("/reset/\(secret)", "/reset/…"), ("/\(secret)/x/\(secret)?y", "/…/x/…"),
        ("/\(secret.dropLast())", "/\(secret.dropLast())"), ("/ä/" + secret + "/", "/ä/…/"), ("", ""),
    ])
    func pathsKeepNoSecrets(target: String, path: String) {
        #expect(ActivityEntry.path(of: target) == path)
    }

    @Test func rulesNameTheField() {
        func field(_ act: ActivityEntry.Act, status: Int? = nil) -> String? {
            do {
                try ActivityEntry(act, status: status).validate()
                return nil
            } catch {
                return error.field
            }
        }
        #expect(field(.request(method: "GET", path: "/")) == nil)
        #expect(field(.request(method: nil, path: "/" + String(repeating: "a", count: 511))) == nil)
        #expect(field(.action("Signed the contract 7")) == nil)
        #expect(field(.request(method: "M-SEARCH", path: "/"), status: 100) == nil)
        for method in ["", "G T", "GET\n", "ä", String(repeating: "G", count: 33)] {
            #expect(field(.request(method: method, path: "/")) == "method", "\(method)")
        }
        for path in ["", "a", "/a\u{0}", "/\u{202E}", "/\r\n", "/" + String(repeating: "a", count: 512)] {
            #expect(field(.request(method: nil, path: path)) == "path", "\(path)")
        }
        for action in ["", "a\nb", String(repeating: "a", count: 257)] {
            #expect(field(.action(action)) == "action", "\(action)")
        }
        for status in [-1, 0, 99, 600] {
            #expect(field(.action("a"), status: status) == "status", "\(status)")
        }
    }

    @Test func placesComeBackFromTheirText() {
        let place = ActivityPlace(at: 1_700_000_000_000, recorded: 1_700_000_000_001, number: 3)
        #expect(ActivityPlace(place.text) == place)
        for text in [
            "", "1", "1-2", "1-2-3-4", "1--2", "-1-2-3", "1-2-x", "1-2-+3", " 1-2-3", "1-2-3 ",
            "12345678901234567-1-1", "١-1-1",
        ] {
            #expect(ActivityPlace(text) == nil, "\(text)")
        }
    }

    @Test func pagesGoThroughATimelineOnceLastFirst() {
        // Recorded in the order of their numbers, told of in another.
        let timeline = (0..<50).map { number in
            let at = Int64((number * 37) % 50)
            return (
                place: ActivityPlace(at: at, recorded: 1000, number: Int64(number)),
                entry: ActivityEntry(.action("\(at)"), at: Timestamp(milliseconds: at))
            )
        }
        for limit in [1, 7, 10, 49, 50, 200] {
            var seen: [Int64] = []
            var place: ActivityPlace?
            repeat {
                let page = ActivityPage(timeline, after: place, limit: limit)
                #expect(page.entries.count <= limit)
                seen += page.entries.compactMap { $0.at?.milliseconds }
                place = page.next
            } while place != nil
            #expect(seen == (0..<50).reversed())
        }
        #expect(ActivityPage([], after: nil, limit: 10).entries.isEmpty)
    }
}
