/// Writes a flat JSON object with its fields in the order in which they are given: the scripts find the first
/// ones without parsing.
struct JSONObjectWriter {
    private(set) var text = ""
    private var isEmpty = true

    mutating func field(_ name: String, _ value: String?) {
        guard let value else { return }
        self.name(name)
        self.text += Self.quoted(value)
    }

    mutating func field(_ name: String, _ value: Int?) {
        guard let value else { return }
        self.name(name)
        self.text += String(value)
    }

    /// A value that is JSON already.
    mutating func field(_ name: String, json: String) {
        self.name(name)
        self.text += json
    }

    /// The name alone; somebody else puts the value behind it.
    mutating func name(_ name: String) {
        self.text += self.isEmpty ? "\"" : ",\""
        self.text += name
        self.text += "\":"
        self.isEmpty = false
    }

    /// A JSON string (RFC 8259, 7).
    static func quoted(_ value: String) -> String {
        var result = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
