/// A place in a list of sessions, from which a later call goes on. Sessions keep their place as long as they live,
/// so whatever comes and goes meanwhile, a walk by cursors shows every session that is there all the while once.
public struct ListCursor: Sendable, Hashable {
    /// Which half of the list.
    package enum Part: UInt8, Sendable {
        /// Active sessions, by creation.
        case active
        /// Ended sessions, by their end.
        case ended
    }

    package let part: Part
    /// Whether the oldest come first.
    package let isAscending: Bool
    /// The session looked at last, and its score in the index; `nil` at the beginning of a part.
    package let after: Place?
    /// How many matching sessions are still to be passed over before the first is shown.
    package let skip: Int

    /// A session and its score: creation or end, in ms.
    package struct Place: Sendable, Hashable, Comparable {
        package let score: Int64
        package let id: SessionID

        package init(score: Int64, id: SessionID) {
            self.score = score
            self.id = id
        }

        package static func < (lhs: Place, rhs: Place) -> Bool {
            (lhs.score, lhs.id) < (rhs.score, rhs.id)
        }

        /// Before every place of this score.
        package static func start(of score: Int64) -> Place {
            Place(score: score, id: SessionID(partition: .first, value: 0))
        }

        /// Behind every place of this score.
        package static func end(of score: Int64) -> Place {
            let last = Partition(wrapping: Partition.count - 1)
            return Place(score: score, id: SessionID(partition: last, value: .max))
        }
    }

    package init(part: Part, isAscending: Bool, after: Place?, skip: Int) {
        self.part = part
        self.isAscending = isAscending
        self.after = after
        self.skip = skip
    }

    /// 32 characters of the URL-safe base 64 alphabet. Opaque: read it back with ``init(_:)`` only.
    public var text: String {
        var bytes: [UInt8] = [Self.version, self.part.rawValue << 1 | (self.isAscending ? 1 : 0)]
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
        }
        append(UInt32(clamping: self.skip))
        append(self.after?.score ?? .min)
        // Complemented: in the same form, a cursor would hold characters of a token, if only of its public part.
        append(~(self.after?.id.partition.index ?? 0))
        append(~(self.after?.id.value ?? 0))
        return Base64URL.encode(bytes)
    }

    /// Reads ``text``; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 32 else { return nil }
        let characters = Array(text.utf8)
        var bytes: [UInt8] = []
        var invalid: UInt8 = 0
        characters.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for group in 0..<4 {
                let bits = Base64URL.decodeGroup(base + 8 * group, invalid: &invalid)
                for byte in 0..<6 { bytes.append(UInt8(truncatingIfNeeded: bits >> (40 - 8 * UInt64(byte)))) }
            }
        }
        func number<Integer: FixedWidthInteger>(_ at: Int, _ type: Integer.Type) -> Integer {
            bytes[at..<(at + Integer.bitWidth / 8)].reduce(0) { $0 << 8 | Integer(truncatingIfNeeded: $1) }
        }
        guard bytes.count == 24, invalid & 0x40 == 0, bytes[0] == Self.version,
            let part = Part(rawValue: bytes[1] >> 1), let partition = Partition(~number(14, UInt16.self))
        else { return nil }
        let score = number(6, Int64.self)
        self.part = part
        self.isAscending = bytes[1] & 1 == 1
        self.skip = Int(number(2, UInt32.self))
        self.after =
            score == .min
            ? nil : Place(score: score, id: SessionID(partition: partition, value: ~number(16, UInt64.self)))
    }

    private static let version: UInt8 = 1
}
