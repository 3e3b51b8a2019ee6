package import SessionAuthentication
import SessionCore

/// Recognizes plain `/check` requests in raw bytes. It is not a parser: what it does not know how to treat
/// exactly as NIO's parser and the route behind it do, it does not recognize, and those two treat it.
///
/// A recognized request is `GET` or `HEAD /check HTTP/1.1`, at most 8 KiB and 64 fields (the parser's own limits
/// are wider, so it would never refuse what is recognized here), every line ending in CRLF, field names of token
/// characters directly followed by the colon, field values of visible ASCII and spaces, exactly one `Host`, no
/// field that speaks of a body or of the connection, and at most one credential.
package struct CheckRecognizer: Sendable {
    /// A recognized request.
    package struct Match: Sendable, Equatable {
        /// Its length in bytes.
        package var length: Int
        /// Whether it asks for the head only.
        package var isHead: Bool
        /// Offsets of the token; `nil` when the request has none.
        package var token: Range<Int>?
    }

    static let maximumLength = 8192
    static let maximumFields = 64

    private let cookieName: [UInt8]
    private let leavesForwarded: Bool

    /// Recognizes tokens in this cookie, besides Bearer.
    /// - Parameter leavesForwarded: leaves requests that say what they ask about to the route, which records that.
    package init(cookie: SessionCookie, leavesForwarded: Bool = false) {
        self.cookieName = cookie.nameBytes
        self.leavesForwarded = leavesForwarded
    }

    /// What the fields seen so far add up to.
    private struct Fields {
        var count = 0
        var hosts = 0
        var cookieHeaders = 0
        var credentials = 0
        var token: Range<Int>?
    }

    /// The request at the beginning of `bytes`; `nil` when it is not a recognized one or not complete.
    package func recognize(_ bytes: UnsafeRawBufferPointer) -> Match? {
        bytes.withMemoryRebound(to: UInt8.self) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let match = self.recognize(start, end: min(buffer.count, Self.maximumLength))
            guard self.leavesForwarded, let length = match?.length else { return match }
            return Self.isForwarded(start, length: length) ? nil : match
        }
    }

    private func recognize(_ bytes: UnsafePointer<UInt8>, end: Int) -> Match? {
        let get: StaticString = "GET /check HTTP/1.1\r\n"
        let head: StaticString = "HEAD /check HTTP/1.1\r\n"
        guard end > head.utf8CodeUnitCount else { return nil }
        let isHead: Bool
        var position: Int
        if ByteScan.areEqual(bytes, get.utf8Start, get.utf8CodeUnitCount) {
            isHead = false
            position = get.utf8CodeUnitCount
        } else if ByteScan.areEqual(bytes, head.utf8Start, head.utf8CodeUnitCount) {
            isHead = true
            position = head.utf8CodeUnitCount
        } else {
            return nil
        }

        var fields = Fields()
        while position &+ 1 < end {
            if bytes[position] == 0x0D {
                guard bytes[position &+ 1] == 0x0A, fields.hosts == 1, fields.credentials <= 1 else {
                    return nil
                }
                return Match(length: position &+ 2, isHead: isHead, token: fields.token)
            }
            let nameStart = position
            while position < end, Self.isTokenCharacter(bytes[position]) { position &+= 1 }
            let nameLength = position &- nameStart
            guard position < end, nameLength > 0, bytes[position] == UInt8(ascii: ":") else { return nil }
            position &+= 1
            while position < end, bytes[position] == 0x20 { position &+= 1 }
            let valueStart = position
            position = ByteScan.firstNonText(bytes, from: position, to: end)
            // A value that is empty or ends in a space is left to the parser, which trims.
            guard position &+ 1 < end, position > valueStart, bytes[position] == 0x0D,
                bytes[position &+ 1] == 0x0A, bytes[position &- 1] != 0x20
            else { return nil }
            fields.count &+= 1
            guard fields.count <= Self.maximumFields,
                self.take(bytes, nameStart, nameLength, valueStart..<position, &fields)
            else { return nil }
            position &+= 2
        }
        return nil
    }

    /// Takes in one field.
    /// - Returns: `false` when the field is one that is not treated here.
    @inline(__always)
    private func take(
        _ bytes: UnsafePointer<UInt8>,
        _ nameStart: Int,
        _ nameLength: Int,
        _ value: Range<Int>,
        _ fields: inout Fields
    ) -> Bool {
        let name = bytes + nameStart
        switch nameLength {
        case 4 where ByteScan.matches(name, "host"):
            fields.hosts &+= 1
        case 6 where ByteScan.matches(name, "cookie"):
            // Several Cookie headers are legal, but only HTTP/2 has reason to send them.
            guard fields.cookieHeaders == 0 else { return false }
            fields.cookieHeaders = 1
            let header = UnsafeBufferPointer(start: bytes + value.lowerBound, count: value.count)
            let found = CookieScanner.find(self.cookieName, in: header)
            if found.count > 0 {
                fields.credentials &+= found.count
                let start = value.lowerBound &+ found.value.lowerBound
                fields.token = start..<(start &+ found.value.count)
            }
        case 13 where ByteScan.matches(name, "authorization"):
            // `Bearer `, something that is not a space, and nothing else: other schemes go to the route, and so does
            // what is longer than a token, for it may be a JWT.
            guard value.count > 7, value.count <= 7 &+ Token.length,
                ByteScan.matches(bytes + value.lowerBound, "bearer"),
                bytes[value.lowerBound &+ 6] == 0x20, bytes[value.lowerBound &+ 7] != 0x20
            else { return false }
            fields.credentials &+= 1
            fields.token = (value.lowerBound &+ 7)..<value.upperBound
        case 10 where ByteScan.matches(name, "connection"):
            return value.count == 10 && ByteScan.matches(bytes + value.lowerBound, "keep-alive")
        case 6 where ByteScan.matches(name, "expect"): return false
        case 7 where ByteScan.matches(name, "upgrade"): return false
        case 14 where ByteScan.matches(name, "content-length"): return false
        case 16 where ByteScan.matches(name, "proxy-connection"): return false
        case 17 where ByteScan.matches(name, "transfer-encoding"): return false
        default: break
        }
        return true
    }

    /// The token characters of RFC 9110 5.6.2, one byte each: 1 where the character is one.
    private static let tokenCharacters: StaticString = """
        \u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\
        \u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\
        \u{0}\u{1}\u{0}\u{1}\u{1}\u{1}\u{1}\u{1}\u{0}\u{0}\u{1}\u{1}\u{0}\u{1}\u{1}\u{0}\
        \u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\
        \u{0}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\
        \u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{0}\u{0}\u{0}\u{1}\u{1}\
        \u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\
        \u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{0}\u{1}\u{0}\u{1}\u{0}
        """

    @inline(__always)
    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        byte < 0x80 && self.tokenCharacters.utf8Start[Int(byte)] != 0
    }
}
