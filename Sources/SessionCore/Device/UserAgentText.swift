/// The parts of a `User-Agent` (RFC 9110 10.1.5): products such as `Firefox/128.0`, and the pieces of comments,
/// which stand in parentheses and are parted by semicolons. Takes whatever a stranger sent, in one pass.
struct UserAgentText: Sendable {
    /// Names of products in small letters, with what follows the slash; the first of a name counts.
    private(set) var products: [String: String] = [:]
    /// Pieces of all comments, in small letters.
    private(set) var comments: [String] = []

    /// - Parameter text: at most 512 bytes of it are looked at.
    init(_ text: String) {
        var piece: [UInt8] = []
        var depth = 0
        func lowered(_ byte: UInt8) -> UInt8 {
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
        }
        for byte in text.utf8.prefix(NewSession.maximumUserAgentBytes) {
            switch byte {
            case UInt8(ascii: "("), UInt8(ascii: ")"):
                self.take(&piece, isComment: depth > 0)
                depth = byte == UInt8(ascii: "(") ? depth + 1 : max(0, depth - 1)
            case UInt8(ascii: ";") where depth > 0: self.take(&piece, isComment: true)
            case 0x20 where depth == 0: self.take(&piece, isComment: false)
            default: piece.append(lowered(byte))
            }
        }
        self.take(&piece, isComment: depth > 0)
    }

    private mutating func take(_ piece: inout [UInt8], isComment: Bool) {
        defer { piece.removeAll(keepingCapacity: true) }
        guard let first = piece.firstIndex(where: { $0 != 0x20 }),
            let last = piece.lastIndex(where: { $0 != 0x20 })
        else { return }
        let trimmed = piece[first...last]
        if isComment {
            self.comments.append(String(decoding: trimmed, as: UTF8.self))
            return
        }
        let slash = trimmed.firstIndex(of: UInt8(ascii: "/")) ?? trimmed.endIndex
        let name = String(decoding: trimmed[..<slash], as: UTF8.self)
        guard self.products[name] == nil else { return }
        self.products[name] = String(decoding: trimmed[slash...].dropFirst(), as: UTF8.self)
    }

    func hasProduct(_ name: String) -> Bool { self.products[name] != nil }

    /// Whether a piece of a comment begins with `text`.
    func hasComment(_ text: String) -> Bool { self.comments.contains { $0.hasPrefix(text) } }

    /// All words that name something, for searches in any place.
    var words: [String] { Array(self.products.keys) + self.comments }
}
