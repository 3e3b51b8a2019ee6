import Crypto

/// A session token: 48 bytes, 64 URL-safe characters.
///
/// | bytes | what |
/// |---|---|
/// | 1 | version (high nibble) and flags (low nibble: 1 = remember me) |
/// | 1 | id of the key that signed it |
/// | 2 | partition |
/// | 8 | session id |
/// | 4 + 4 | idle timeout in seconds, absolute expiry as Unix seconds |
/// | 16 | verifier: the secret |
/// | 12 | HMAC-SHA-256 over all before, truncated |
///
/// The layout lets a gateway refuse what is malformed, forged or past its absolute expiry without asking Redis,
/// and derive the session's key and the TTL to set before it asks.
public struct Token: Sendable, Equatable {
    /// Length of the text form, in characters.
    public static let length = 64
    /// Length of the binary form, in bytes.
    public static let byteCount = 48
    static let version: UInt8 = 1

    // Six big-endian words: 6 x 64 bits are exactly 48 bytes.
    let words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    init(words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// Reads 64 characters. `nil` when the length, the alphabet, the version or the partition is wrong. The
    /// signature is not examined.
    public init?(_ text: UnsafeBufferPointer<UInt8>) {
        guard text.count == Self.length, let source = text.baseAddress else { return nil }
        var invalid: UInt8 = 0
        let g0 = Base64URL.decodeGroup(source, invalid: &invalid)
        let g1 = Base64URL.decodeGroup(source + 8, invalid: &invalid)
        let g2 = Base64URL.decodeGroup(source + 16, invalid: &invalid)
        let g3 = Base64URL.decodeGroup(source + 24, invalid: &invalid)
        let g4 = Base64URL.decodeGroup(source + 32, invalid: &invalid)
        let g5 = Base64URL.decodeGroup(source + 40, invalid: &invalid)
        let g6 = Base64URL.decodeGroup(source + 48, invalid: &invalid)
        let g7 = Base64URL.decodeGroup(source + 56, invalid: &invalid)
        guard invalid & 0x40 == 0 else { return nil }
        self.words = (
            g0 << 16 | g1 >> 32, g1 << 32 | g2 >> 16, g2 << 48 | g3,
            g4 << 16 | g5 >> 32, g5 << 32 | g6 >> 16, g6 << 48 | g7
        )
        guard self.words.0 >> 60 == UInt64(Self.version), Self.partition(of: self.words.0) < Partition.count
        else { return nil }
    }

    /// Reads 64 characters; `nil` as in ``init(_:)-(UnsafeBufferPointer<UInt8>)``.
    public init?(_ text: String) {
        var copy = text
        guard let token = copy.withUTF8({ Token($0) }) else { return nil }
        self = token
    }

    /// Whether the session was created with "remember me".
    public var isRemembered: Bool { self.words.0 >> 56 & 1 == 1 }

    /// Which key of the ring signed the token.
    public var keyID: UInt8 { UInt8(truncatingIfNeeded: self.words.0 >> 48) }

    /// The public id of the session.
    public var sessionID: SessionID {
        SessionID(
            partition: Partition(wrapping: Self.partition(of: self.words.0)),
            value: self.words.0 << 32 | self.words.1 >> 32
        )
    }

    /// The session's idle timeout.
    public var idleTimeout: Duration { .seconds(Int64(UInt32(truncatingIfNeeded: self.words.1))) }

    /// When the session ends whatever its activity, on Redis's clock, in whole seconds.
    public var absoluteExpiry: Timestamp {
        Timestamp(milliseconds: Int64(self.words.2 >> 32) * 1000)
    }

    /// The secret part.
    package var verifier: Verifier {
        Verifier(high: self.words.2 << 32 | self.words.3 >> 32, low: self.words.3 << 32 | self.words.4 >> 32)
    }

    /// The 64 characters.
    public var text: String {
        withUnsafeBytes(of: self.bigEndianWords) { Base64URL.encode($0) }
    }

    /// What may be shown of a token: an ellipsis and its last 8 characters (docs/features.md S2).
    public var masked: String { "…" + self.text.suffix(8) }

    /// SHA-256 over the 48 bytes: what the near-cache compares, so that no cache holds a usable token.
    package var digest: Digest256 {
        withUnsafeBytes(of: self.bigEndianWords) { Digest256(of: $0) }
    }

    package var bigEndianWords: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) {
        (
            self.words.0.bigEndian, self.words.1.bigEndian, self.words.2.bigEndian,
            self.words.3.bigEndian, self.words.4.bigEndian, self.words.5.bigEndian
        )
    }

    private static func partition(of word: UInt64) -> UInt16 { UInt16(truncatingIfNeeded: word >> 32) }

    public static func == (lhs: Token, rhs: Token) -> Bool {
        (lhs.words.0 ^ rhs.words.0) | (lhs.words.1 ^ rhs.words.1) | (lhs.words.2 ^ rhs.words.2)
            | (lhs.words.3 ^ rhs.words.3) | (lhs.words.4 ^ rhs.words.4) | (lhs.words.5 ^ rhs.words.5) == 0
    }
}

/// The 16 secret bytes of a token.
package struct Verifier: Sendable {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// 128 bits of the operating system's random generator.
    package init() {
        var generator = SystemRandomNumberGenerator()
        self.init(high: generator.next(), low: generator.next())
    }

    /// SHA-256 of the 16 bytes: the only form that is ever stored.
    package var digest: Digest256 {
        withUnsafeBytes(of: (self.high.bigEndian, self.low.bigEndian)) { Digest256(of: $0) }
    }
}

/// A SHA-256 digest that compares in constant time.
package struct Digest256: Sendable, Equatable {
    let words: (UInt64, UInt64, UInt64, UInt64)

    /// Hashes bytes.
    package init(of bytes: UnsafeRawBufferPointer) {
        // `SHA256.hash(data:)` is generic over how its input lies in memory, which every check would pay for.
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        self.words = hash.finalize().withUnsafeBytes { bytes in
            (
                bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
            )
        }
    }

    /// Takes exactly 32 bytes; `nil` for any other count.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var words: [UInt64] = []
        var word: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            word = word << 8 | UInt64(byte)
            if index % 8 == 7 { words.append(word.bigEndian) }
        }
        self.words = (words[0], words[1], words[2], words[3])
    }

    /// Loads 32 bytes where they lie; `nil` for any other count.
    package init?(loading bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 32 else { return nil }
        self.words = (
            bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
        )
    }

    /// The 32 bytes.
    package var bytes: [UInt8] { withUnsafeBytes(of: self.words) { Array($0) } }

    package static func == (lhs: Digest256, rhs: Digest256) -> Bool {
        (lhs.words.0 ^ rhs.words.0) | (lhs.words.1 ^ rhs.words.1) | (lhs.words.2 ^ rhs.words.2)
            | (lhs.words.3 ^ rhs.words.3) == 0
    }
}
