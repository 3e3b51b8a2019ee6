/// Reads from the front of bytes that may hold anything; `nil` where they end too soon.
struct ByteReader {
    private(set) var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { self.rest = bytes }

    var isAtEnd: Bool { self.rest.isEmpty }

    mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer? {
        guard count >= 0, count <= self.rest.count else { return nil }
        let result = UnsafeRawBufferPointer(rebasing: self.rest[..<count])
        self.rest = UnsafeRawBufferPointer(rebasing: self.rest[count...])
        return result
    }

    mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(_ type: Integer.Type) -> Integer? {
        self.bytes(MemoryLayout<Integer>.size).map { Integer(bigEndian: $0.loadUnaligned(as: Integer.self)) }
    }

    mutating func text(_ count: Int) -> String? {
        guard let bytes = self.bytes(count) else { return nil }
        // Nearly all text is ASCII, and the validating initializer is generic code several times as slow.
        if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
        return String(validating: bytes, as: UTF8.self)
    }
}
