/// The members of an object whose names are the caller's own. What is no object is kept as that, so that it can be
/// refused in our words and by its place: a decoder's error would repeat the names, which may be anything.
package enum MembersJSON<Member: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
    case members([String: Member])
    case null
    case other

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let members = try? container.decode([String: Member].self) {
            self = .members(members)
        } else {
            self = .other
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .members(let members): try container.encode(members)
        case .null, .other: try container.encodeNil()
        }
    }
}

/// Limits by `users` or `organizations`, by name, by setting.
package typealias LimitsJSON = MembersJSON<MembersJSON<MembersJSON<SettingValueJSON>>>
