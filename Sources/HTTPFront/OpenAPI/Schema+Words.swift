import GatewayAPI

extension Schema {
    /// The schema in words of Markdown.
    var words: String { JSONValue.object(self.json).words }
    /// The same for a cell of a table, with the sentence about it.
    var cell: String { JSONValue.object(self.json).cell }
}

extension JSONValue {
    /// A schema as a cell of a table: what values are taken, and the sentence about them.
    fileprivate var cell: String {
        // Codes have a table of their own.
        let note = self["description"]?.text?.prefix { $0 != "\n" } ?? ""
        return (self.words + (note.isEmpty ? "" : ". " + note)).replacing("|", with: #"\|"#)
    }

    /// The fields of an object's schema, those of objects within it after it, and what values they take.
    var fields: [[String]] { self.fields(prefix: "") }

    private func fields(prefix: String) -> [[String]] {
        guard case .object(let properties) = self["properties"] else { return [] }
        return properties.sorted { $0.key < $1.key }.flatMap { name, schema in
            let mark = self["required"].list.contains(.string(name)) ? "" : "?"
            let row = ["`\(prefix)\(name)\(mark)`", schema.cell]
            return [row] + schema.fields(prefix: prefix + name + ".")
                + (schema["additionalProperties"]?.fields(prefix: prefix + name + ".….") ?? [])
        }
    }

    /// A schema in words.
    fileprivate var words: String {
        if let name = self["$ref"]?.text?.split(separator: "/").last {
            return "[\(name)](#type-\(name.lowercased()))"
        }
        if let value = self["const"] { return "`\(value.literal)`" }
        if case .array(let schemas) = self["oneOf"] { return schemas.map(\.words).joined(separator: " or ") }
        if case .array(let values) = self["enum"] {
            guard values.count < 20 else { return "one of the [codes](#codes)" }
            return values.map { "`\($0.literal)`" }.joined(separator: ", ")
        }
        switch self["type"] {
        case .string(let type): return self.words(ofType: type)
        case .array(let types):
            return types.compactMap(\.text).filter { $0 != "null" }.map { self.words(ofType: $0) }
                .joined(separator: " or ") + " or null"
        default: return "any JSON"
        }
    }

    private func words(ofType type: String) -> String {
        switch type {
        case "boolean": return "true or false"
        case "null": return "null"
        case "number": return "number"
        case "integer": return "whole number" + self.bounds("minimum", "maximum", unit: "")
        case "array":
            return "list" + self.bounds("minItems", "maxItems", unit: " entries") + " of "
                + (self["items"]?.words ?? "any JSON")
        case "object":
            guard let member = self["additionalProperties"], member != false else { return "object" }
            return "object, by name (\(member.words))"
        default:
            if self["format"] == "date-time" { return "time (RFC 3339)" }
            let pattern = self["pattern"]?.text ?? ""
            return "text" + self.bounds("minLength", "maxLength", unit: " characters")
                // A longer one says less than the sentence beside it.
                + (pattern.isEmpty || pattern.utf8.count > 64 ? "" : ", `\(pattern)`")
        }
    }

    private func bounds(_ lower: String, _ upper: String, unit: String) -> String {
        switch (self[lower], self[upper]) {
        case (.integer(let lower), .integer(let upper)):
            lower == upper ? " (\(lower)\(unit))" : " (\(lower) to \(upper)\(unit))"
        case (.integer(let lower), _): " (at least \(lower)\(unit))"
        case (_, .integer(let upper)): " (at most \(upper)\(unit))"
        default: ""
        }
    }

    private var literal: String {
        switch self {
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .string(let value): value
        case .null: "null"
        case .number, .array, .object: ""
        }
    }
}

extension JSONValue? {
    fileprivate var list: [JSONValue] { if case .array(let values) = self { values } else { [] } }
}
