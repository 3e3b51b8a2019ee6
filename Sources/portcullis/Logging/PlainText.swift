/// Text that is safe to print, whoever wrote it: a log line stays one line and a terminal does nothing but show
/// it.
enum PlainText {
    /// C0, DEL and C1 controls, line and paragraph separators, and the marks that change the direction of text.
    static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: true
        case 0xE0000...0xE007F: true
        default: false
        }
    }

    /// Replaces each unsafe character by `\u{…}`.
    static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: self.isUnsafe) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if self.isUnsafe(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Length of a token, and therefore the shortest run of its characters that is cut.
    private static let tokenLength = 64

    /// Cuts every run of 64 or more token characters to its last 8, as tokens are shown everywhere. Nothing logs
    /// a token; this is for the message of a library that does.
    static func withoutTokens(_ text: String) -> String {
        guard text.utf8.count >= self.tokenLength else { return text }
        var result: [UInt8] = []
        var run: [UInt8] = []
        func flush() {
            if run.count >= self.tokenLength {
                result += Array("…".utf8)
                result += run.suffix(8)
            } else {
                result += run
            }
            run.removeAll(keepingCapacity: true)
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                run.append(byte)
            default:
                flush()
                result.append(byte)
            }
        }
        flush()
        return String(decoding: result, as: UTF8.self)
    }
}
