import Crypto

/// One of the 256 slices of the key space. A user's sessions all lie in the partition of the user id, so that a
/// script reaches everything of a user in one Redis Cluster slot.
public struct Partition: Hashable, Sendable, Comparable {
    /// How many partitions there are. Fixed: it is part of every token and key.
    public static let count: UInt16 = 256

    /// 0 ..< ``count``.
    public let index: UInt16

    /// `nil` unless `0 ..< count` contains the index.
    public init?(_ index: UInt16) {
        guard index < Self.count else { return nil }
        self.index = index
    }

    /// For an index that has been examined already; anything else is taken modulo ``count``.
    init(wrapping index: UInt16) { self.index = index % Self.count }

    /// The partition of a user: CRC-16/XMODEM of the id's bytes modulo 256.
    public init(of user: UserID) {
        var crc: UInt16 = 0
        for byte in user.text.utf8 {
            crc ^= UInt16(byte) << 8
            for _ in 0..<8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
        }
        self.index = crc % Self.count
    }

    /// The one of index 0.
    package static let first = Partition(wrapping: 0)

    /// All partitions in order.
    public static var all: [Partition] { (0..<Self.count).compactMap { Partition($0) } }

    public static func < (lhs: Partition, rhs: Partition) -> Bool { lhs.index < rhs.index }
}

/// The public name of a session: its partition and 64 random bits, 20 hexadecimal digits as text. Not a secret.
public struct SessionID: Hashable, Sendable, CustomStringConvertible, Comparable, Codable {
    /// Where the session's keys lie.
    public let partition: Partition
    /// The 64 random bits.
    public let value: UInt64

    /// Puts an id together.
    public init(partition: Partition, value: UInt64) {
        self.partition = partition
        self.value = value
    }

    /// Reads exactly 20 lower-case hexadecimal digits; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 20, let high = Self.number(text.utf8.prefix(4)),
            let low = Self.number(text.utf8.dropFirst(4)),
            let partition = UInt16(exactly: high).flatMap({ Partition($0) })
        else { return nil }
        self.init(partition: partition, value: low)
    }

    /// The last 16 digits: what stands in Redis keys and index members, next to the partition.
    public var key: String { Self.hexadecimal(self.value, digits: 16) }

    /// Reads the 16 digits of ``key`` within a known partition.
    public init?(partition: Partition, key: some StringProtocol) {
        guard key.utf8.count == 16, let value = Self.number(key.utf8) else { return nil }
        self.init(partition: partition, value: value)
    }

    public var description: String {
        Self.hexadecimal(UInt64(self.partition.index), digits: 4) + self.key
    }

    public static func < (lhs: SessionID, rhs: SessionID) -> Bool {
        (lhs.partition, lhs.value) < (rhs.partition, rhs.value)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = SessionID(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "A session id is 20 lower-case hexadecimal digits."
            )
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }

    /// The last 16 digits as bytes, for keys.
    package func appendKey(to bytes: inout [UInt8]) {
        for index in 0..<16 { bytes.append(Self.digit(self.value, at: 15 - index)) }
    }

    /// At most 16 lower-case hexadecimal digits.
    private static func number(_ digits: some Sequence<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for byte in digits {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                number = number << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                number = number << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }

    private static func hexadecimal(_ value: UInt64, digits: Int) -> String {
        String(unsafeUninitializedCapacity: digits) { buffer in
            for index in 0..<digits { buffer[index] = Self.digit(value, at: digits - 1 - index) }
            return digits
        }
    }

    private static func digit(_ value: UInt64, at position: Int) -> UInt8 {
        Hexadecimal.digit(UInt8(truncatingIfNeeded: value >> UInt64(position * 4)))
    }
}

/// A user as the application names it: 1 to 256 bytes of UTF-8 without control characters, compared as bytes.
public struct UserID: Sendable, Hashable, CustomStringConvertible {
    /// The id as it was given.
    public let text: String

    /// - Throws: ``InputError`` when the id is empty, longer than 256 bytes or contains control characters.
    public init(_ text: String) throws(InputError) {
        self.text = try InputRules.name(text, field: "userId")
    }

    /// What stands for the user in Redis keys: the first 16 bytes of the id's SHA-256, in base 64. Fixed in
    /// length and free of the characters that mean something in a key.
    public var key: String {
        Base64URL.encode(SHA256.hash(data: Array(self.text.utf8)).prefix(16))
    }

    public var description: String { self.text }

    // Canonically equal strings of different bytes are different users.
    public static func == (lhs: UserID, rhs: UserID) -> Bool { lhs.text.utf8.elementsEqual(rhs.text.utf8) }

    public func hash(into hasher: inout Hasher) {
        for byte in self.text.utf8 { hasher.combine(byte) }
    }
}

/// One run of one gateway process: 16 hexadecimal digits, new at every start.
public struct NodeID: Hashable, Sendable, CustomStringConvertible {
    /// The 64 random bits.
    public let value: UInt64

    /// A new random id.
    public init() { self.value = .random(in: .min ... .max) }

    /// Wraps 64 bits, for tests and simulations.
    public init(value: UInt64) { self.value = value }

    /// Reads 1 to 16 hexadecimal digits.
    public init?(_ text: some StringProtocol) {
        // `UInt64(_:radix:)` would take a sign, and any number of zeros.
        guard (1...16).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "+"),
            text.utf8.first != UInt8(ascii: "-"), let value = UInt64(text, radix: 16)
        else { return nil }
        self.value = value
    }

    public var description: String {
        let text = String(self.value, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
}
