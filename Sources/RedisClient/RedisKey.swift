/// A key, or a channel name, as Redis sees it: bytes, compared as bytes.
///
/// Swift compares strings by canonical equivalence, Redis does not; two names that Swift finds equal may be two keys.
package struct RedisKey: Hashable, Sendable, CustomStringConvertible {
    /// The UTF-8 bytes sent to Redis.
    package let bytes: [UInt8]

    /// Takes the UTF-8 bytes of `string`.
    package init(_ string: String) {
        self.bytes = Array(string.utf8)
    }

    /// Takes bytes as they are.
    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Readable form for logs.
    package var description: String { String(decoding: bytes, as: UTF8.self) }

    /// What is hashed to find the slot: the text between the first `{` and the next `}` when that is not empty,
    /// otherwise the whole key (Redis Cluster specification, "Hash tags").
    package var hashTag: ArraySlice<UInt8> {
        guard let open = bytes.firstIndex(of: UInt8(ascii: "{")),
            let close = bytes[(open + 1)...].firstIndex(of: UInt8(ascii: "}")),
            close > open + 1
        else { return bytes[...] }
        return bytes[(open + 1)..<close]
    }

    /// The Cluster hash slot, 0..<16384: CRC16/XMODEM of ``hashTag`` modulo 16384.
    package var slot: UInt16 { CRC16.xmodem(hashTag) % 16384 }
}

/// The checksum that Redis Cluster routes by.
enum CRC16 {
    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index) << 8) { crc, _ in
            crc & 0x8000 != 0 ? (crc << 1) ^ 0x1021 : crc << 1
        }
    }

    /// CRC-16/XMODEM: polynomial 0x1021, start value 0, not reflected.
    static func xmodem(_ bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(0) { crc, byte in
            (crc << 8) ^ table[Int(UInt8(truncatingIfNeeded: crc >> 8) ^ byte)]
        }
    }
}
