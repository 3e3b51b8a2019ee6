import Logging

/// Builds one JSON object without a line break in it (RFC 8259), and without anything that a terminal or a log
/// viewer would act on: controls, C1, direction marks and separators are written as `\u` and four hexadecimal
/// digits.
struct JSONLine {
    private var text = "{"
    private var names: Set<String> = []

    /// Adds a member of one of the handler's own names.
    mutating func add(_ name: String, _ value: String) {
        self.begin(name)
        Self.append(value, to: &self.text)
    }

    /// Adds metadata. A name that is taken gets an underscore, so that no name stands twice.
    mutating func add(field name: String, _ value: Logger.Metadata.Value) {
        var name = name
        while self.names.contains(name) { name += "_" }
        self.begin(name)
        Self.append(value, to: &self.text)
    }

    /// The whole object.
    var finished: String { self.text + "}" }

    private mutating func begin(_ name: String) {
        self.names.insert(name)
        if self.text.utf8.count > 1 { self.text += "," }
        Self.append(name, to: &self.text)
        self.text += ":"
    }

    private static func append(_ value: Logger.Metadata.Value, to text: inout String) {
        switch value {
        case .string(let string): self.append(PlainText.withoutTokens(string), to: &text)
        case .stringConvertible(let value):
            self.append(PlainText.withoutTokens(value.description), to: &text)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                self.append(value, to: &text)
            }
            text += "]"
        case .dictionary(let values):
            text += "{"
            for (index, member) in values.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { text += "," }
                self.append(member.key, to: &text)
                text += ":"
                self.append(member.value, to: &text)
            }
            text += "}"
        }
    }

    /// Appends a string with its quotes.
    static func append(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where PlainText.isUnsafe(scalar):
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
