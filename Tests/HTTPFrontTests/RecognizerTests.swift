import HTTPFront
import SessionAuthentication
import Testing

@Suite struct RecognizerTests {
    let recognizer = CheckRecognizer(cookie: SessionCookie(isSecure: false))
    let token = String(repeating: "a", count: 64)

    func recognize(_ text: String) -> CheckRecognizer.Match? {
        Array(text.utf8).withUnsafeBytes { self.recognizer.recognize($0) }
    }

    func token(_ text: String) -> String? {
        guard let range = self.recognize(text)?.token else { return nil }
        return String(decoding: Array(text.utf8)[range], as: UTF8.self)
    }

    @Test func findsTheTokenInTheCookieOrTheHeader() {
        let head = "GET /check HTTP/1.1\r\nHost: a\r\n"
        #expect(token(head + "Cookie: session_token=\(token)\r\n\r\n") == token)
        #expect(token(head + "cookie:a=b; session_token=\(token); c=d\r\nX-A: b\r\n\r\n") == token)
        #expect(token(head + "COOKIE: x=session_token; session_token=\r\n\r\n") == "")
        #expect(token(head + "Cookie: session_token=\"\(token)\"\r\n\r\n") == "\"\(token)\"")
        #expect(token(head + "Authorization: Bearer \(token)\r\n\r\n") == token)
        #expect(token(head + "authorization: bEARER x y\r\n\r\n") == "x y")
        let without = recognize(head + "Accept: */*\r\nConnection: Keep-Alive\r\n\r\n")
        #expect(without != nil && without?.token == nil)
        #expect(recognize("HEAD /check HTTP/1.1\r\nHost: a\r\n\r\nGET")?.length == 33)
        #expect(recognize("HEAD /check HTTP/1.1\r\nHost: a\r\n\r\nGET")?.isHead == true)
    }

    @Test(arguments: [
        "", "GET /check HTTP/1.1\r\n", "GET /check HTTP/1.1\r\nHost: a\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\n\r",
        "GET /check HTTP/1.1\r\n\r\n", "GET /check HTTP/1.0\r\nHost: a\r\n\r\n",
        "GET  /check HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /check HTTP/1.1\r\nHost: a\r\n\r\n", "get /check HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /check?a HTTP/1.1\r\nHost: a\r\n\r\n", "GET /check/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://a/check HTTP/1.1\r\nHost: a\r\n\r\n", "\r\nGET /check HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /check HTTP/1.1\nHost: a\n\n", "GET /check HTTP/1.1\r\nHost: a\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\n\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "GET /check HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET /check HTTP/1.1\r\n Host: a\r\n\r\n", "GET /check HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nX: b\u{0}\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nX: b\tc\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nX: é\r\n\r\n", "GET /check HTTP/1.1\r\nHost: a\r\nX: b \r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n", "GET /check HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nX(: b\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nX\u{7f}: b\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nX: \u{7f}\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nProxy-Connection: close\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nAuthorization: Basic abc\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer  a\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer a\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nCookie: session_token=a; session_token=b\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nCookie: session_token=a\r\nCookie: b=c\r\n\r\n",
        "GET /check HTTP/1.1\r\nHost: a\r\nCookie: session_token=a\r\nAuthorization: Bearer a\r\n\r\n",
    ])
    func leavesToTheParser(_ request: String) {
        #expect(recognize(request) == nil)
    }

    @Test func leavesWhatIsRecordedToTheRoute() {
        let head = "GET /check HTTP/1.1\r\nHost: a\r\n"
        let recording = CheckRecognizer(cookie: SessionCookie(isSecure: false), leavesForwarded: true)
        for (fields, isLeft) in [
            ("X-Forwarded-Uri: /a\r\n", true), ("x-original-URL:/a\r\nA: b\r\n", true),
            ("A: b\r\nX-FORWARDED-URI: /a\r\n", true), ("X-Forwarded-Uris: /a\r\n", false),
            ("X-Forwarded-For: 1.2.3.4\r\n", false), ("A: X-Forwarded-Uri: /a\r\n", false), ("", false),
            ("X: y\r\n", false), ("Cookie: session_token=\(token)\r\n", false),
        ] {
            let text = head + fields + "\r\n"
            let match = Array(text.utf8).withUnsafeBytes { recording.recognize($0) }
            #expect((match == nil) == isLeft, "\(fields)")
            #expect(recognize(text) != nil, "\(fields)")
        }
    }

    @Test func keepsWithinTheLimits() {
        let head = "GET /check HTTP/1.1\r\nHost: a\r\n"
        let fields = { (count: Int) in String(repeating: "X: y\r\n", count: count) }
        #expect(recognize(head + fields(63) + "\r\n") != nil)
        #expect(recognize(head + fields(64) + "\r\n") == nil)
        let padding = { (length: Int) in "X: " + String(repeating: "y", count: length) + "\r\n\r\n" }
        #expect(recognize(head + padding(8192 - head.utf8.count - 7)) != nil)
        #expect(recognize(head + padding(8193 - head.utf8.count - 7)) == nil)
    }

    @Test func findsEveryByteThatIsNotText() {
        // Every byte value at every place relative to the words that are read at a time.
        for offset in 0..<20 {
            for byte in UInt8.min...UInt8.max {
                var bytes = [UInt8](repeating: 0x41, count: 24)
                bytes[offset] = byte
                let isText = byte >= 0x20 && byte < 0x7F
                bytes.withUnsafeBufferPointer { buffer in
                    guard let start = buffer.baseAddress else { return }
                    #expect(ByteScan.firstNonText(start, from: 0, to: 24) == (isText ? 24 : offset))
                    let isSemicolon = byte == UInt8(ascii: ";")
                    #expect(ByteScan.firstSemicolon(start, from: 0, to: 24) == (isSemicolon ? offset : 24))
                }
            }
        }
    }
}
