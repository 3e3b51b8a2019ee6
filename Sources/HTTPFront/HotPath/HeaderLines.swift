import GatewayAPI
import SessionCore

/// Writes header lines as bytes: every strict check and every fill of the near-cache renders an answer, and
/// strings would be most of its cost.
struct HeaderLines {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { self.bytes.reserveCapacity(capacity) }

    /// Appends text as it is.
    mutating func append(_ text: StaticString) {
        self.bytes.append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        )
    }

    /// Appends bytes as they are.
    mutating func append(_ bytes: [UInt8]) { self.bytes += bytes }

    /// A line with a name or id, percent-encoded; none without one.
    mutating func add(_ name: StaticString, _ text: String?) {
        guard let text, !text.isEmpty else { return }
        self.begin(name)
        self.encode(text)
        self.append("\r\n")
    }

    /// A line with a list joined by commas, which entries do not contain; none for an empty list.
    mutating func add(_ name: StaticString, list: [String]) {
        guard !list.isEmpty else { return }
        self.begin(name)
        for (index, entry) in list.enumerated() {
            if index > 0 { self.append(",") }
            self.encode(entry)
        }
        self.append("\r\n")
    }

    /// A line with a time.
    mutating func add(_ name: StaticString, _ time: Timestamp) {
        self.begin(name)
        CivilTime(unixMilliseconds: time.milliseconds).appendRFC3339(to: &self.bytes)
        self.append("\r\n")
    }

    /// A line with a session's id.
    mutating func add(_ name: StaticString, _ id: SessionID) {
        self.begin(name)
        self.append(hexadecimal: UInt64(id.partition.index), digits: 4)
        self.append(hexadecimal: id.value, digits: 16)
        self.append("\r\n")
    }

    private mutating func begin(_ name: StaticString) {
        self.append(name)
        self.append(": ")
    }

    /// Percent-encodes every byte that is not visible ASCII, and the percent sign, so that any name fits into a
    /// header and comes back as the same bytes.
    private mutating func encode(_ text: String) {
        for byte in text.utf8 {
            if byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "%") {
                self.bytes.append(byte)
            } else {
                self.append("%")
                self.bytes.append(Self.capital(byte >> 4))
                self.bytes.append(Self.capital(byte & 15))
            }
        }
    }

    private mutating func append(hexadecimal value: UInt64, digits: Int) {
        for index in (0..<digits).reversed() {
            self.bytes.append(Hexadecimal.digit(UInt8(truncatingIfNeeded: value >> (4 * UInt64(index)))))
        }
    }

    /// Percent-encoding has capital letters (RFC 3986 2.1).
    private static func capital(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
    }
}
