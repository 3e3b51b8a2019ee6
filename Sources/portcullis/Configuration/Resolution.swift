/// The value of every setting and where it came from: flags go before the environment, the environment before
/// the file, the file before the defaults (docs/operations.md).
struct Resolution: Sendable {
    /// Who said it.
    enum Origin: Sendable, Equatable, CustomStringConvertible {
        case flag(String)
        case environment(String)
        case file(String, line: Int)
        case fallback

        var description: String {
            switch self {
            case .flag(let name): "flag --\(name)"
            case .environment(let name): "environment variable \(name)"
            case .file(let name, let line): "\(PlainText.escaped(name)):\(line)"
            case .fallback: "default"
            }
        }
    }

    /// A setting with its value.
    struct Entry: Sendable {
        let setting: Setting
        /// `nil` when nobody gave one and there is no default.
        let value: SettingValue?
        let origin: Origin
    }

    private let entries: [SettingKey: Entry]

    /// All settings in the table's order.
    var all: [Entry] { Setting.table.compactMap { self.entries[$0.key] } }

    func entry(_ key: SettingKey) -> Entry? { self.entries[key] }

    /// Whether somebody gave a value.
    func isGiven(_ key: SettingKey) -> Bool {
        guard let entry = self.entries[key] else { return false }
        return entry.origin != .fallback
    }

    /// Puts the sources together.
    /// - Parameters:
    ///   - flags: texts as given on the command line.
    ///   - environment: the whole environment; what does not concern this program is passed over.
    ///   - file: the configuration file, if there is one.
    ///   - fallbacks: defaults that differ from the table's.
    /// - Throws: ``ConfigurationError`` with every unknown name and every wrong value at once.
    static func resolve(
        flags: [SettingKey: String] = [:],
        environment: [String: String] = [:],
        file: ConfigurationFile? = nil,
        fallbacks: [SettingKey: String] = [:]
    ) throws(ConfigurationError) -> Resolution {
        var problems: [String] = []
        let variables = EnvironmentSettings(environment)
        problems += variables.problems
        let fromFile = self.settings(in: file, problems: &problems)
        var entries: [SettingKey: Entry] = [:]
        for setting in Setting.table {
            let given: (text: String, origin: Origin)?
            if let text = flags[setting.key] {
                given = (text, .flag(setting.key.rawValue))
            } else if let variable = variables.values[setting.key] {
                given = (variable.text, .environment(variable.name))
            } else if let entry = fromFile[setting.key] {
                given = (entry.text, .file(file?.name ?? "", line: entry.line))
            } else {
                given = (fallbacks[setting.key] ?? setting.fallback).map { ($0, .fallback) }
            }
            guard let given else {
                entries[setting.key] = Entry(setting: setting, value: nil, origin: .fallback)
                continue
            }
            guard let value = setting.kind.value(given.text) else {
                problems.append(
                    "\(setting.key.rawValue): '\(setting.shown(given.text))' (\(given.origin)) is not allowed; "
                        + "allowed: \(setting.kind.allowed)"
                )
                continue
            }
            entries[setting.key] = Entry(setting: setting, value: value, origin: given.origin)
        }
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        return Resolution(entries: entries)
    }

    private static func settings(
        in file: ConfigurationFile?,
        problems: inout [String]
    ) -> [SettingKey: ConfigurationFile.Entry] {
        guard let file else { return [:] }
        let byPath = Dictionary(
            Setting.table.map { ($0.path, $0.key) },
            uniquingKeysWith: { first, _ in first }
        )
        var found: [SettingKey: ConfigurationFile.Entry] = [:]
        for entry in file.entries {
            if let key = byPath[entry.path] {
                found[key] = entry
                continue
            }
            // Who writes the flag's name is told the path.
            let hint =
                Setting.row(SettingKey(rawValue: entry.path))?.path
                ?? NearestName.of(entry.path, in: Array(byPath.keys))
            problems.append(
                "\(PlainText.escaped(file.name)):\(entry.line): there is no setting "
                    + "'\(PlainText.escaped(entry.path))'" + (hint.map { "; did you mean '\($0)'?" } ?? "")
            )
        }
        return found
    }
}

extension Resolution {
    /// Puts every value where its row says. A default is there already, unless the command has one of its own.
    /// - Throws: ``ConfigurationError`` when a row's kind is not its property's: a mistake in the table.
    func store(in configuration: inout NodeConfiguration) throws(ConfigurationError) {
        for entry in self.all {
            guard let value = entry.value else { continue }
            if entry.origin == .fallback, value.text == entry.setting.fallback { continue }
            guard entry.setting.store(value, &configuration) else {
                throw ConfigurationError("\(entry.setting.key.rawValue): its row is of another kind")
            }
        }
    }
}
