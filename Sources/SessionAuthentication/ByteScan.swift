/// Searches in raw bytes, eight at a time. Every function reads only from `start` up to `end`.
package enum ByteScan {
    private static let highBits: UInt64 = 0x8080_8080_8080_8080
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// The first byte that is not visible ASCII or a space, or `end`.
    @inline(__always)
    package static func firstNonText(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
        var position = start
        while position &+ 8 <= end {
            let word = self.load(bytes, position)
            // Per byte, without a carry into the next: bit 7 of each term says "below 0x20", "is 0x7F", "above".
            let low = ~((word | self.highBits) &- 0x2020_2020_2020_2020)
            let delete = (word & ~self.highBits) &+ self.ones
            let hits = (low | delete | word) & self.highBits
            if hits != 0 { return position &+ hits.trailingZeroBitCount / 8 }
            position &+= 8
        }
        while position < end, bytes[position] &- 0x20 < 0x5F { position &+= 1 }
        return position
    }

    /// The first semicolon, or `end`.
    @inline(__always)
    package static func firstSemicolon(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
        var position = start
        while position &+ 8 <= end {
            let word = self.load(bytes, position) ^ 0x3B3B_3B3B_3B3B_3B3B
            // Bit 7 of a byte is set where the byte is zero; exact, because nothing carries.
            let hits = ~(((word & ~self.highBits) &+ ~self.highBits) | word | ~self.highBits)
            if hits != 0 { return position &+ hits.trailingZeroBitCount / 8 }
            position &+= 8
        }
        while position < end, bytes[position] != UInt8(ascii: ";") { position &+= 1 }
        return position
    }

    /// Whether `count` bytes are the same.
    @inline(__always)
    package static func areEqual(
        _ lhs: UnsafePointer<UInt8>,
        _ rhs: UnsafePointer<UInt8>,
        _ count: Int
    ) -> Bool {
        for index in 0..<count where lhs[index] != rhs[index] { return false }
        return true
    }

    /// Whether the bytes are `name`, which is in lower case, whatever the case of their letters. Right for
    /// bytes that are known to be visible ASCII other than `@[\]^_`, as header names without underscores are.
    @inline(__always)
    package static func matches(_ bytes: UnsafePointer<UInt8>, _ name: StaticString) -> Bool {
        let lowercase = name.utf8Start
        for index in 0..<name.utf8CodeUnitCount where bytes[index] | 0x20 != lowercase[index] { return false }
        return true
    }

    @inline(__always)
    private static func load(_ bytes: UnsafePointer<UInt8>, _ offset: Int) -> UInt64 {
        // Little-endian whatever the machine, so that the lowest bit set belongs to the first byte.
        UnsafeRawPointer(bytes + offset).loadUnaligned(as: UInt64.self).littleEndian
    }
}
