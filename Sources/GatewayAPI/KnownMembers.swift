extension Decoder {
    /// Refuses an object within a request that has a member beyond these, as ``RequestBodyJSON`` does with the request
    /// itself. The member is named, unless its name is so long that it may be a token.
    func refuseMembers(beyond known: Set<String>) throws {
        for key in try self.container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
            let path = self.codingPath + (key.stringValue.utf8.count <= 32 ? [key] : [])
            throw DecodingError.dataCorrupted(.init(codingPath: path, debugDescription: "unknown member"))
        }
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
