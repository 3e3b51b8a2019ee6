/// A place in the log or in an event stream: Redis's milliseconds and a number within them, `1767225600000-0` in text,
/// at most 19 digits each.
public struct AuditPosition: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Since 1970.
    public let milliseconds: UInt64
    /// Counts what has the same milliseconds, from 0.
    public let sequence: UInt64

    /// Puts a position together.
    public init(milliseconds: UInt64, sequence: UInt64) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    /// Reads the text; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Self.number(parts[0]),
            let sequence = Self.number(parts[1])
        else { return nil }
        self.init(milliseconds: milliseconds, sequence: sequence)
    }

    public var description: String { "\(self.milliseconds)-\(self.sequence)" }

    public static func < (lhs: AuditPosition, rhs: AuditPosition) -> Bool {
        (lhs.milliseconds, lhs.sequence) < (rhs.milliseconds, rhs.sequence)
    }

    /// At most 19 decimal digits, which 64 bits hold whatever they are, without a sign.
    private static func number(_ digits: some Collection<UInt8>) -> UInt64? {
        guard (1...19).contains(digits.count) else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number * 10 + UInt64(digit - UInt8(ascii: "0"))
        }
        return number
    }
}

extension AuditPosition {
    /// Before every entry.
    package static let start = AuditPosition(milliseconds: 0, sequence: 0)
}
