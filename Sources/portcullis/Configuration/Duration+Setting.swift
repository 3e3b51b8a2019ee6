extension Duration {
    /// The units of settings in milliseconds, longest first.
    private static let settingUnits: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Reads a whole number and a unit: `500ms`, `90s`, `15m`, `12h`, `30d`; also a bare `0`. A bare number is
    /// refused otherwise, because the settings of other products count in minutes, days and seconds.
    init?(setting text: String) {
        if text == "0" {
            self = .zero
            return
        }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits),
            let unit = Self.settingUnits.first(where: { $0.name == text.dropFirst(digits.count) })
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
        guard !overflow else { return nil }
        self = .milliseconds(product)
    }

    /// The shortest text that ``init(setting:)`` reads as this duration, to the millisecond.
    var text: String {
        let milliseconds =
            self.components.seconds * 1000 + self.components.attoseconds / 1_000_000_000_000_000
        guard milliseconds != 0 else { return "0" }
        for unit in Self.settingUnits where milliseconds % unit.milliseconds == 0 {
            return "\(milliseconds / unit.milliseconds)\(unit.name)"
        }
        return "\(milliseconds)ms"
    }
}

extension StringProtocol {
    /// Without the spaces, tabs and line ends around it.
    var trimmed: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }
}
