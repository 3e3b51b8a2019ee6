import GatewayAPI
import SessionCore

extension LimitOverrides {
    /// Reads the limits of a change of settings. One that says nothing is none.
    /// - Throws: ``InputError`` that names the place, the value and what is allowed. Long names are not repeated.
    init(_ json: LimitsJSON) throws(InputError) {
        self.init()
        for (group, entries) in try Self.members(json, at: "limits") {
            guard let scope = Scope(rawValue: group) else {
                throw InputError(
                    field: "limits",
                    reason: "\(Problem.repeatable(group)) is not known; there are users and organizations"
                )
            }
            for (name, settings) in try Self.members(entries, at: "limits.\(group)") {
                try self.set(settings, for: name, in: scope)
            }
        }
    }

    private mutating func set(
        _ settings: MembersJSON<SettingValueJSON>,
        for name: String,
        in scope: Scope
    ) throws(InputError) {
        let place = try Self.place(of: name, in: scope)
        for (setting, value) in try Self.members(settings, at: place) {
            guard let setting = Self.settings.first(where: { $0.rawValue == setting }) else {
                throw InputError(
                    field: place,
                    reason: "\(Problem.repeatable(setting)) is no limit; \(Self.allowedSettings)"
                )
            }
            switch value {
            case .null: continue
            case .integer(let number): try self.set(setting, .integer(number), for: name, in: scope)
            case .text(let text): try self.set(setting, .text(text), for: name, in: scope)
            case .other(let text):
                throw InputError(
                    field: "\(place).\(setting.rawValue)",
                    reason: setting.refusal(of: text).reason
                )
            }
        }
    }

    /// The members of an object by name; of `null` there are none.
    private static func members<Value>(
        _ json: MembersJSON<Value>,
        at place: String
    ) throws(InputError) -> [(key: String, value: Value)] {
        switch json {
        case .members(let members): return members.sorted { $0.key < $1.key }
        case .null: return []
        case .other: throw InputError(field: place, reason: "must be an object")
        }
    }
}

extension LimitOverrides {
    /// The limits on the wire.
    var json: [String: [String: [String: SettingValueJSON]]] {
        var json: [String: [String: [String: SettingValueJSON]]] = [:]
        for scope in Scope.allCases {
            var entries: [String: [String: SettingValueJSON]] = [:]
            for (name, limit) in self.entries(scope) {
                for setting in Self.settings {
                    switch limit.value(of: setting) {
                    case .integer(let number):
                        entries[name, default: [:]][setting.rawValue] = .integer(number)
                    case .text(let text): entries[name, default: [:]][setting.rawValue] = .text(text)
                    case nil: break
                    }
                }
            }
            json[scope.rawValue] = entries
        }
        return json
    }
}
