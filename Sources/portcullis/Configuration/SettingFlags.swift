import ArgumentParser

/// A flag for every row of the table of settings, so that the command line, its help and its completion cannot
/// fall behind the table. Argument Parser finds a type's flags by reflection and fills them in by decoding; both
/// are done here from the table instead of from stored properties.
struct SettingFlags: ParsableArguments, CustomReflectable {
    /// The texts of the flags that were given.
    private(set) var values: [SettingKey: String] = [:]

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: FlagName.self)
        for setting in Setting.table where setting.hasFlag {
            let name = FlagName(setting.key)
            if case .boolean = setting.kind {
                let flag = try container.decode(Flag<Bool?>.self, forKey: name).wrappedValue
                if let flag { self.values[setting.key] = String(flag) }
            } else if let text = try container.decode(Option<String?>.self, forKey: name).wrappedValue {
                self.values[setting.key] = text
            }
        }
    }

    var customMirror: Mirror {
        Mirror(
            self,
            children: Setting.table.filter(\.hasFlag).map { setting in
                (label: setting.key.rawValue, value: Self.definition(setting))
            }
        )
    }

    private static func definition(_ setting: Setting) -> Any {
        let name = NameSpecification.customLong(setting.key.rawValue)
        let fallback = setting.fallback.flatMap { $0.isEmpty ? nil : $0 } ?? setting.fallbackNote
        let help = ArgumentHelp(
            "\(setting.help)\(fallback.map { " (default: \($0))" } ?? "")",
            valueName: setting.kind.placeholder
        )
        if case .boolean = setting.kind {
            return Flag<Bool?>(name: name, inversion: .prefixedNo, help: help)
        }
        let completion: CompletionKind? =
            switch setting.kind {
            case .choice(let choices): .list(choices)
            case .path: .file()
            default: nil
            }
        return Option<String?>(name: name, help: help, completion: completion)
    }

    private struct FlagName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ key: SettingKey) { self.stringValue = key.rawValue }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
