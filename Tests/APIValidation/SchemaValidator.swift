import GatewayAPI

/// Compares JSON with a JSON Schema: the keywords that our document uses, and no others. A member that an object's
/// schema does not list is a fault, so that the document cannot fall behind the answers.
struct SchemaValidator: Sendable {
    /// `#/components/schemas`.
    let schemas: [String: JSONValue]

    /// What is wrong with a value, each fault with its place.
    func faults(of value: JSONValue, _ schema: JSONValue, at place: String = "$") -> [String] {
        guard case .object(let keywords) = schema else { return ["\(place): the schema is no object"] }
        return keywords.flatMap { keyword, argument in
            self.faults(of: value, keyword, argument, in: keywords, at: place)
        }
    }

    private func faults(
        of value: JSONValue,
        _ keyword: String,
        _ argument: JSONValue,
        in schema: [String: JSONValue],
        at place: String
    ) -> [String] {
        func fault(_ isFault: Bool, _ text: String) -> [String] { isFault ? ["\(place): \(text)"] : [] }
        switch keyword {
        case "description": return []
        case "$ref":
            let name = argument.text?.split(separator: "/").last.map(String.init) ?? ""
            guard let schema = self.schemas[name] else { return ["\(place): no schema is called \(name)"] }
            return self.faults(of: value, schema, at: place)
        case "type":
            let types = if case .array(let types) = argument { types } else { [argument] }
            return fault(!types.contains { value.isOf(type: $0.text ?? "") }, "is not \(types)")
        case "enum":
            guard case .array(let values) = argument else { return ["\(place): enum is no list"] }
            return fault(!values.contains(value), "is none of \(values)")
        case "const": return fault(value != argument, "is not \(argument)")
        case "oneOf":
            guard case .array(let schemas) = argument else { return ["\(place): oneOf is no list"] }
            let found = schemas.map { self.faults(of: value, $0, at: place) }
            return fault(found.count(where: \.isEmpty) != 1, "matches not exactly one of \(found)")
        case "required":
            guard case .array(let names) = argument, case .object(let members) = value else { return [] }
            return names.compactMap(\.text).filter { members[$0] == nil }.map { "\(place): \($0) is missing" }
        case "properties": return self.memberFaults(of: value, argument, at: place)
        case "additionalProperties":
            // Names that are not known beforehand.
            guard case .object(let members) = value, case .object = argument else { return [] }
            return members.flatMap { self.faults(of: $1, argument, at: "\(place).\($0)") }
        case "propertyNames":
            guard case .object(let members) = value else { return [] }
            return members.keys.flatMap { self.faults(of: .string($0), argument, at: "\(place) name") }
        case "maxProperties":
            guard case .object(let members) = value, case .integer(let most) = argument else { return [] }
            return fault(members.count > most, keyword)
        case "items":
            guard case .array(let elements) = value else { return [] }
            return elements.enumerated().flatMap { self.faults(of: $1, argument, at: "\(place)[\($0)]") }
        case "minItems", "maxItems":
            guard case .array(let elements) = value, case .integer(let count) = argument else { return [] }
            return fault(keyword == "minItems" ? elements.count < count : elements.count > count, keyword)
        case "minLength", "maxLength":
            guard let text = value.text, case .integer(let count) = argument else { return [] }
            let length = text.unicodeScalars.count
            return fault(keyword == "minLength" ? length < count : length > count, keyword)
        case "minimum", "maximum":
            guard case .integer(let number) = value, case .integer(let bound) = argument else { return [] }
            return fault(keyword == "minimum" ? number < bound : number > bound, keyword)
        case "pattern":
            guard let text = value.text, let pattern = argument.text else { return [] }
            guard let regex = try? Regex(pattern).matchingSemantics(.unicodeScalar) else {
                return ["\(place): the pattern \(pattern) cannot be read"]
            }
            return fault(text.firstMatch(of: regex) == nil, "does not match \(pattern)")
        case "format":
            return fault(argument != "date-time" || value.text.flatMap { WireTime($0) } == nil, "is no time")
        default: return ["\(place): the keyword \(keyword) is not one that SchemaValidator knows"]
        }
    }

    private func memberFaults(of value: JSONValue, _ properties: JSONValue, at place: String) -> [String] {
        guard case .object(let members) = value else { return [] }
        return members.flatMap { name, member in
            guard let schema = properties[name] else { return ["\(place).\(name): is not in the document"] }
            return self.faults(of: member, schema, at: "\(place).\(name)")
        }
    }
}

extension JSONValue {
    fileprivate func isOf(type: String) -> Bool {
        switch (self, type) {
        case (.null, "null"), (.boolean, "boolean"), (.integer, "integer"), (.integer, "number"),
            (.number, "number"), (.string, "string"), (.array, "array"), (.object, "object"):
            true
        default: false
        }
    }
}
