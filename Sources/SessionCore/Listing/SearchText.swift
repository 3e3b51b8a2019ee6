/// A text that is looked for in others, without regard to case.
///
/// Of a text in ASCII only ASCII letters have another case, so that it can be compared byte by byte, also with JSON
/// that has not been parsed. Any other is compared by Unicode's small letters. Byte for byte beyond that: `é` in one
/// scalar is not `é` in two.
public struct SearchText: Sendable, Hashable {
    /// What is looked for, in small letters.
    package let needle: [UInt8]
    /// Whether it is ASCII.
    package let isASCII: Bool

    /// Prepares a text; an empty one is found everywhere.
    public init(_ text: String) {
        self.isASCII = text.utf8.allSatisfy { $0 < 0x80 }
        self.needle = Array(text.lowercased().utf8)
    }

    /// Whether `text` contains it.
    public func isFound(in text: String) -> Bool {
        var text = self.isASCII ? text : text.lowercased()
        return text.withUTF8 { self.isFound(in: UnsafeRawBufferPointer($0)) }
    }

    /// Whether bytes contain it; of others than ASCII letters the case counts.
    package func isFound(in bytes: UnsafeRawBufferPointer) -> Bool {
        guard let first = self.needle.first else { return true }
        guard bytes.count >= self.needle.count else { return false }
        for start in 0...(bytes.count - self.needle.count)
        where Self.lowered(bytes[start]) == first {
            var offset = 1
            while offset < self.needle.count, Self.lowered(bytes[start + offset]) == self.needle[offset] {
                offset += 1
            }
            if offset == self.needle.count { return true }
        }
        return false
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }
}
