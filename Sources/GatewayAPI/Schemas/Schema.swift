/// A JSON Schema (2020-12), as far as the API needs it.
package struct Schema: Sendable {
    /// The keywords.
    package var json: [String: JSONValue]
    /// The types that it refers to by name.
    package var references: [any DescribedJSON.Type] = []

    package init(_ json: [String: JSONValue]) { self.json = json }
}

/// A wire type with a schema, which stands in the OpenAPI document under the type's name.
package protocol DescribedJSON: SendableMetatype {
    static var schema: Schema { get }
}

extension DescribedJSON {
    /// The type's name without `JSON`.
    package static var schemaName: String {
        let name = String(describing: Self.self)
        return name.hasSuffix("JSON") ? String(name.dropLast(4)) : name
    }
}

extension Schema {
    /// Anything.
    package static let any = Schema([:])
    package static let null = Schema(["type": "null"])
    package static let boolean = Schema(["type": "boolean"])
    package static let number = Schema(["type": "number"])
    /// An object of the caller's own.
    package static let anyObject = Schema(["type": "object"])
    /// RFC 3339.
    package static let time = Schema(["type": "string", "format": "date-time"])
    /// 20 hexadecimal digits, the first four a partition.
    package static let sessionID = Schema.string(pattern: "^00[0-9a-f]{18}$")
    /// The place where a page of a list begins.
    package static let cursor = Schema.string(pattern: "^[A-Za-z0-9_-]{32}$")
    /// An id or name by the rules of `InputRules`, which counts bytes where JSON Schema counts characters.
    package static let name = Schema.line(1...256)
    /// A role or factor.
    package static let word = Schema.line(1...64, without: ",")

    /// A string.
    package static func string(
        _ length: ClosedRange<Int>? = nil,
        pattern: String? = nil,
        format: String? = nil
    ) -> Schema {
        var json: [String: JSONValue] = ["type": "string"]
        if let length {
            json["minLength"] = .integer(length.lowerBound)
            json["maxLength"] = .integer(length.upperBound)
        }
        json["pattern"] = pattern.map { .string($0) }
        json["format"] = format.map { .string($0) }
        return Schema(json)
    }

    /// A text without the characters that `InputRules` refuses.
    package static func line(_ length: ClosedRange<Int>, without more: String = "") -> Schema {
        let refused =
            #"\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"# + more
        return .string(length, pattern: "^[^\(refused)]+$")
    }

    /// Always the same text. `const` with a type: generators of clients drop a call over an enum without one.
    package static func always(_ value: String) -> Schema {
        Schema(["type": "string", "const": .string(value)])
    }

    /// Always true, or always false.
    package static func always(_ value: Bool) -> Schema {
        Schema(["type": "boolean", "const": .boolean(value)])
    }

    /// One of the codes of a list. The description has a line for each, because JSON Schema has none for values.
    package static func code<Code: DescribedCode>(_ type: Code.Type, _ text: String) -> Schema {
        let lines = Code.allCases.map { "- `\($0.rawValue)`: \($0.meaning)" }
        return .choice(Code.allCases.map(\.rawValue)).note(([text, ""] + lines).joined(separator: "\n"))
    }

    /// One of some texts.
    package static func choice(_ values: [String]) -> Schema {
        Schema(["type": "string", "enum": .array(values.map { .string($0) })])
    }

    /// One of some words, or several with commas.
    package static func commaList(_ words: [String]) -> Schema {
        let one = "(" + words.joined(separator: "|") + ")"
        return .string(pattern: "^\(one)(,\(one))*$")
    }

    /// A whole number of at least this.
    package static func integer(atLeast bound: Int) -> Schema {
        Schema(["type": "integer", "minimum": .integer(bound)])
    }

    /// A whole number.
    package static func integer(_ range: ClosedRange<Int>? = nil) -> Schema {
        var json: [String: JSONValue] = ["type": "integer"]
        if let range {
            json["minimum"] = .integer(range.lowerBound)
            json["maximum"] = .integer(range.upperBound)
        }
        return Schema(json)
    }

    /// A list.
    package static func array(_ element: Schema, count: ClosedRange<Int>? = nil) -> Schema {
        var schema = Schema(["type": "array", "items": .object(element.json)])
        if let count {
            schema.json["minItems"] = .integer(count.lowerBound)
            schema.json["maxItems"] = .integer(count.upperBound)
        }
        schema.references = element.references
        return schema
    }

    /// A list that is not empty.
    package static func nonEmpty(_ element: Schema) -> Schema {
        var schema = Schema.array(element)
        schema.json["minItems"] = 1
        return schema
    }

    /// A type of its own, by name.
    package static func of(_ type: any DescribedJSON.Type) -> Schema {
        var schema = Schema(["$ref": .string("#/components/schemas/\(type.schemaName)")])
        schema.references = [type]
        return schema
    }

    /// One of some schemas, and not two of them.
    package static func oneOf(_ schemas: Schema...) -> Schema {
        var schema = Schema(["oneOf": .array(schemas.map { .object($0.json) })])
        schema.references = schemas.flatMap(\.references)
        return schema
    }

    /// An object of an answer. A name that ends in `?` may be missing.
    package static func object(_ members: KeyValuePairs<String, Schema>) -> Schema {
        .object(of: Array(members))
    }

    /// The same, for members that are put together at run time.
    package static func object(of members: [(key: String, value: Schema)]) -> Schema {
        var properties: [String: JSONValue] = [:]
        var required: [JSONValue] = []
        var references: [any DescribedJSON.Type] = []
        for (name, member) in members {
            let isOptional = name.hasSuffix("?")
            properties[isOptional ? String(name.dropLast()) : name] = .object(member.json)
            if !isOptional { required.append(.string(name)) }
            references += member.references
        }
        var schema = Schema(["type": "object", "properties": .object(properties)])
        if !required.isEmpty { schema.json["required"] = .array(required) }
        schema.references = references
        return schema
    }

    /// An object of a request: it may have these members and no others, and one that may be missing may be null.
    package static func request(_ members: KeyValuePairs<String, Schema>) -> Schema {
        .request(of: Array(members))
    }

    /// The same, for members that are put together at run time.
    package static func request(of members: [(key: String, value: Schema)]) -> Schema {
        var schema = Schema.object(of: members)
        schema.json["additionalProperties"] = false
        guard case .object(var properties) = schema.json["properties"] else { return schema }
        for (name, member) in members where name.hasSuffix("?") {
            properties[String(name.dropLast())] = .object(member.orNull.json)
        }
        schema.json["properties"] = .object(properties)
        return schema
    }

    /// An object whose names are not known beforehand.
    package static func map(of member: Schema, names: Schema, most: Int) -> Schema {
        var schema = Schema([
            "type": "object", "additionalProperties": .object(member.json),
            "propertyNames": .object(names.json),
            "maxProperties": .integer(most),
        ])
        schema.references = member.references + names.references
        return schema
    }

    /// The same, or null.
    package var orNull: Schema {
        guard case .string(let type) = self.json["type"], type != "null" else { return self }
        var schema = self
        schema.json["type"] = ["null", .string(type)]
        if case .array(let values) = self.json["enum"] { schema.json["enum"] = .array(values + [.null]) }
        return schema
    }

    /// The same with a sentence about it.
    package func note(_ text: String) -> Schema {
        var schema = self
        schema.json["description"] = .string(text)
        return schema
    }
}
