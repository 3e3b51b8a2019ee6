/// A time as the API writes it: RFC 3339 in UTC with milliseconds.
package struct WireTime: Sendable, Hashable, Codable, CustomStringConvertible {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Reads `YYYY-MM-DDTHH:MM:SS[.fff…]` and `Z` or an offset such as `+02:00` (RFC 3339 5.6; no leap seconds);
    /// `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[range] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            return value
        }
        guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"),
            let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        // Seconds east of Greenwich.
        let offset: Int
        let end: Int
        if bytes[bytes.count - 1] | 0x20 == UInt8(ascii: "z") {
            offset = 0
            end = bytes.count - 1
        } else {
            end = bytes.count - 6
            let sign = bytes[end]
            guard end >= 19, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
                bytes[end + 3] == UInt8(ascii: ":"), let hours = number((end + 1)..<(end + 3)),
                let minutes = number((end + 4)..<(end + 6)), hours < 24, minutes < 60
            else { return nil }
            offset = (sign == UInt8(ascii: "+") ? 60 : -60) * (60 * hours + minutes)
        }
        var fraction = 0
        if end > 19 {
            guard bytes[19] == UInt8(ascii: "."), (21...29).contains(end), number(20..<end) != nil else {
                return nil
            }
            for position in 20..<23 {
                fraction = fraction * 10
                if position < end { fraction += Int(bytes[position] - UInt8(ascii: "0")) }
            }
        }
        let days = CivilTime.daysSince1970(year: year, month: month, day: day)
        // The 31st of a shorter month would be a day of the next one.
        let date = CivilTime(unixMilliseconds: Int64(days) * 86_400_000)
        guard date.month == month, date.day == day else { return nil }
        let seconds = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
        self.milliseconds = seconds * 1000 + Int64(fraction)
    }

    package var description: String { CivilTime(unixMilliseconds: self.milliseconds).rfc3339 }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let time = WireTime(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 time")
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }
}
