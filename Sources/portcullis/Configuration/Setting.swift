import Foundation

/// One row of the table of settings: flags, environment, file, help and `portcullis config` all follow from it.
struct Setting: Sendable {
    /// How a value is kept out of what is printed.
    enum Secrecy: Sendable {
        /// Not a secret.
        case none
        /// A URL whose password is left out.
        case urlPassword
        /// Nothing of it is shown, and there is no flag: other users can read a process's arguments.
        case all
    }

    let key: SettingKey
    /// The place in a configuration file, dots between the levels.
    let path: String
    let kind: SettingKind
    /// The value when nobody says anything, as the property has it; `nil` when there is none.
    let fallback: String?
    /// What holds without a value, for `config` and help.
    let fallbackNote: String?
    let help: String
    let secrecy: Secrecy
    /// Puts a value where it belongs; whether it was of the property's kind.
    let store: @Sendable (SettingValue, inout NodeConfiguration) -> Bool

    /// A row.
    /// - Parameters:
    ///   - key: the flag's name.
    ///   - path: the place in a configuration file.
    ///   - property: where the value goes; its type owns default and range.
    ///   - kind: what is allowed.
    ///   - note: what holds without a value, where that is not a default.
    ///   - help: what it does, as a phrase without a full stop.
    init<Value: SettingConvertible>(
        _ key: SettingKey,
        _ path: String,
        _ property: any WritableKeyPath<NodeConfiguration, Value> & Sendable,
        _ kind: SettingKind,
        note: String? = nil,
        secrecy: Secrecy = .none,
        _ help: String
    ) {
        self.key = key
        self.path = path
        self.kind = kind
        self.fallback = NodeConfiguration()[keyPath: property].settingText
        self.fallbackNote = note
        self.secrecy = secrecy
        self.help = help
        self.store = { value, configuration in
            guard let value = Value(value) else { return false }
            configuration[keyPath: property] = value
            return true
        }
    }

    var hasFlag: Bool { self.secrecy != .all }

    /// `text` as it may be shown to anybody.
    func shown(_ text: String) -> String {
        switch self.secrecy {
        case .none: return PlainText.escaped(text)
        case .all: return "********"
        case .urlPassword:
            // The last "@" before the path ends the part that may hold a password.
            guard let scheme = text.range(of: "://") else { return "********" }
            let rest = text[scheme.upperBound...]
            let authority = rest.prefix { $0 != "/" && $0 != "?" }
            guard let at = authority.lastIndex(of: "@") else { return PlainText.escaped(text) }
            let user = authority[..<at].prefix { $0 != ":" }
            let secret = user.endIndex < at ? ":********" : ""
            return PlainText.escaped("\(text[..<scheme.upperBound])\(user)\(secret)\(rest[at...])")
        }
    }

    /// The row of a key.
    static func row(_ key: SettingKey) -> Setting? { Self.rows[key] }

    private static let rows: [SettingKey: Setting] = Dictionary(
        Self.table.map { ($0.key, $0) },
        uniquingKeysWith: { first, _ in first }
    )
}
