/// A moment in UTC by the Gregorian calendar, for the two forms that HTTP answers need. Written here because
/// it runs on every event loop each second and in every session shown, and needs no calendar library.
package struct CivilTime: Sendable, Equatable {
    package let year: Int
    /// 1 ... 12.
    package let month: Int
    /// 1 ... 31.
    package let day: Int
    /// 0 is Sunday.
    package let weekday: Int
    /// 0 ... 86,399,999.
    package let millisecondOfDay: Int

    /// Reads a Unix time in milliseconds; also one before 1970.
    package init(unixMilliseconds: Int64) {
        let dayLength: Int64 = 86_400_000
        var days = Int(unixMilliseconds / dayLength)
        var rest = Int(unixMilliseconds % dayLength)
        if rest < 0 {
            rest += Int(dayLength)
            days -= 1
        }
        self.millisecondOfDay = rest
        self.weekday = ((days % 7) + 11) % 7  // 1970-01-01 was a Thursday.

        // Days are counted from 1 March of year 0, so that the leap day is the last of its year; eras are the
        // calendar's periods of 400 years.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        self.day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        self.month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        self.year = yearOfEra + era * 400 + (self.month <= 2 ? 1 : 0)
    }

    /// Days from 1970-01-01 to a date of the Gregorian calendar.
    static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// RFC 3339 in UTC with milliseconds: `2027-03-01T12:00:00.000Z`.
    package var rfc3339: String {
        var bytes: [UInt8] = []
        self.appendRFC3339(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends ``rfc3339``.
    package func appendRFC3339(to bytes: inout [UInt8]) {
        let time = self.millisecondOfDay
        func append(_ number: Int, _ width: Int, _ end: Unicode.Scalar) {
            var divisor = 1
            for _ in 1..<width { divisor *= 10 }
            while divisor > 0 {
                bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
                divisor /= 10
            }
            bytes.append(UInt8(ascii: end))
        }
        append(self.year, 4, "-")
        append(self.month, 2, "-")
        append(self.day, 2, "T")
        append(time / 3_600_000, 2, ":")
        append(time / 60_000 % 60, 2, ":")
        append(time / 1000 % 60, 2, ".")
        append(time % 1000, 3, "Z")
    }

    /// The 29 bytes of an IMF-fixdate (RFC 9110 5.6.7): `Mon, 01 Mar 2027 12:00:00 GMT`.
    package var httpDate: String {
        let time = self.millisecondOfDay
        return Self.name(self.weekday, of: "SunMonTueWedThuFriSat") + ", " + Self.padded(self.day, 2) + " "
            + Self.name(self.month - 1, of: "JanFebMarAprMayJunJulAugSepOctNovDec") + " "
            + Self.padded(self.year, 4) + " " + Self.padded(time / 3_600_000, 2) + ":"
            + Self.padded(time / 60_000 % 60, 2) + ":" + Self.padded(time / 1000 % 60, 2) + " GMT"
    }

    private static func name(_ index: Int, of names: String) -> Substring {
        names.dropFirst(index * 3).prefix(3)
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
