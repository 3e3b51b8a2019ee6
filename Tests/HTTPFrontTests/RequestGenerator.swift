import TestSupport

/// Makes sequences of requests around what the hot path recognizes: plain ones, ones that are nearly plain,
/// broken ones, pipelined and cut into pieces anywhere.
struct RequestGenerator {
    private var random: SeededGenerator
    private let tokens: [String]

    init(seed: UInt64, tokens: [String]) {
        self.random = SeededGenerator(seed: seed)
        self.tokens = tokens
    }

    /// The bytes that one connection sends, in the pieces in which it sends them.
    mutating func connection() -> [[UInt8]] {
        var bytes: [UInt8] = []
        var borders: [Int] = []
        for _ in 0..<Int.random(in: 1...4, using: &self.random) {
            bytes += self.request()
            if self.chance(2) { borders.append(bytes.count) }
        }
        if self.chance(4) { bytes = self.mutated(bytes) }
        return self.cut(bytes, borders: borders)
    }

    private mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &self.random) == 0 }

    private mutating func pick(_ choices: [String]) -> String {
        choices.randomElement(using: &self.random) ?? ""
    }

    private mutating func request() -> [UInt8] {
        let line =
            self.chance(4)
            ? self.pick([
                "POST /check HTTP/1.1", "OPTIONS /check HTTP/1.1", "PROPFIND /check HTTP/1.1",
                "GET /check?x=1 HTTP/1.1", "GET /check/ HTTP/1.1", "GET http://h/check HTTP/1.1",
                "GET /check HTTP/1.0", "GET /check HTTP/1.2", "GET /check HTTP/2.0", "GET /check",
                "GET  /check HTTP/1.1",
                "GET /health/live HTTP/1.1", "HEAD /health/live HTTP/1.1", "GET /nowhere HTTP/1.1",
                "DELETE /health/live HTTP/1.1", "\r\nGET /check HTTP/1.1", "POST /health/live HTTP/1.1",
            ])
            : self.pick(["GET /check HTTP/1.1", "GET /check HTTP/1.1", "HEAD /check HTTP/1.1"])
        var fields = self.chance(12) ? [] : ["Host: gate.example"]
        for _ in 0..<Int.random(in: 0...4, using: &self.random) { fields.append(self.plainField()) }
        for _ in 0..<Int.random(in: 0...(self.chance(5) ? 2 : 1), using: &self.random) {
            fields.append(self.credential())
        }
        var body = ""
        if self.chance(6) {
            let (odd, content) = self.oddField()
            fields.append(odd)
            body = content
        }
        fields.shuffle(using: &self.random)
        return Array((([line] + fields).joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }

    private mutating func plainField() -> String {
        self.pick([
            "Accept: */*", "User-Agent: curl/8.5.0", "X-Forwarded-For: 10.0.0.1", "X-Forwarded-Proto: https",
            "X-Forwarded-Uri: /a/b?c=d", "X-Original-URL: https://app/x", "Accept-Encoding: gzip, br",
            "Connection: keep-alive", "connection: Keep-Alive", "Cache-Control: no-cache", "TE: trailers",
            "X-Long: " + String(repeating: "v", count: Int.random(in: 1...600, using: &self.random)),
            "X-Empty:", "X-Space:  two  blanks ", "x!#$%&'*+-.^_`|~9: odd name",
            "Origin: https://evil.example",
        ])
    }

    private mutating func credential() -> String {
        let token = self.pick(self.tokens)
        return self.pick([
            "Cookie: session_token=\(token)", "cookie: a=b; session_token=\(token); c=d",
            "Authorization: Bearer \(token)", "authorization: bearer \(token)",
            "Cookie: a=b; theme=dark", "Cookie: session_token=\"\(token)\"", "Cookie: session_token=",
            "Cookie: session_token=\(token); session_token=\(token)", "Cookie: xsession_token=\(token)",
            "Cookie: session_token=\(token);", "Cookie: ;;session_token=\(token) ;", "Authorization: Bearer",
            "Authorization: Bearer  \(token)", "Authorization: Bearer \(token) \(token)",
            "Authorization: Basic YTpi", "Authorization: Bearer pk_app_secret",
            "Cookie: SESSION_TOKEN=\(token)",
        ])
    }

    /// Fields that change how the connection or the body is read, with the body that may follow.
    private mutating func oddField() -> (String, String) {
        let choices: [(String, String)] = [
            ("Content-Length: 5", "hello"), ("Content-Length: 0", ""), ("Content-Length: 45", ""),
            ("Content-Length: 4", "\r\n\r\n"),
            ("Content-Length: 5\r\nContent-Length: 5", "hello"),
            ("Content-Length: 5\r\nContent-Length: 6", "hello"),
            ("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"),
            ("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"),
            ("Transfer-Encoding : chunked", "0\r\n\r\n"), ("Transfer-Encoding: gzip", ""),
            ("Connection: close", ""), ("Connection: Close", ""), ("Connection: upgrade\r\nUpgrade: h2c", ""),
            ("Connection: keep-alive, close", ""), ("Proxy-Connection: close", ""),
            ("Upgrade: websocket", ""),
            ("Expect: 100-continue", ""), ("Host: gate.example", ""), ("X-Fold: a\r\n b", ""),
            ("Bad Name: a", ""),
            ("X-Tab: a\tb", ""), ("X-High: é", ""), ("X-Nul: a\u{0}b", ""), ("X-Bare: a\nX-Next: b", ""),
            (": a", ""),
        ]
        return choices.randomElement(using: &self.random) ?? ("X: y", "")
    }

    private mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &self.random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &self.random)
            switch Int.random(in: 0..<4, using: &self.random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &self.random)
            case 1: bytes.remove(at: place)
            case 2:
                bytes.insert(
                    [0x0A, 0x0D, 0x20, 0x3A, 0x00].randomElement(using: &self.random) ?? 0,
                    at: place
                )
            default: bytes.removeSubrange(place..<min(bytes.count, place + 20))
            }
        }
        return bytes
    }

    /// Cuts between requests, where the next one is the first thing in a read, and anywhere.
    private mutating func cut(_ bytes: [UInt8], borders: [Int]) -> [[UInt8]] {
        var cuts = Set(borders.filter { $0 < bytes.count })
        if self.chance(2), bytes.count > 1 {
            for _ in 0..<Int.random(in: 1...4, using: &self.random) {
                cuts.insert(Int.random(in: 1..<bytes.count, using: &self.random))
            }
        }
        var pieces: [[UInt8]] = []
        var start = 0
        for end in cuts.sorted() + [bytes.count] {
            pieces.append(Array(bytes[start..<end]))
            start = end
        }
        return pieces
    }
}
