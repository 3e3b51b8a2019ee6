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
        self.bytes(count).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
