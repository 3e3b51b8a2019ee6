import HTTPFront
import Logging
import SessionAuthentication
import SessionCore

/// A type of property that a setting's value can go into.
protocol SettingConvertible: SendableMetatype {
    /// `nil` when the value is of another kind.
    init?(_ value: SettingValue)

    /// As a person would write it; `nil` for "none".
    var settingText: String? { get }
}

extension String: SettingConvertible {
    init?(_ value: SettingValue) {
        guard case .text(let text) = value else { return nil }
        self = text
    }

    var settingText: String? { self }
}

extension Int: SettingConvertible {
    init?(_ value: SettingValue) {
        guard case .integer(let number) = value else { return nil }
        self = number
    }

    var settingText: String? { String(self) }
}

extension Bool: SettingConvertible {
    init?(_ value: SettingValue) {
        guard case .boolean(let flag) = value else { return nil }
        self = flag
    }

    var settingText: String? { String(self) }
}

extension Duration: SettingConvertible {
    init?(_ value: SettingValue) {
        guard case .duration(let duration) = value else { return nil }
        self = duration
    }

    var settingText: String? { self.text }
}

extension ListenAddress: SettingConvertible {
    init?(_ value: SettingValue) {
        guard case .address(let address) = value else { return nil }
        self = address
    }

    var settingText: String? { self.description }
}

extension [String]: SettingConvertible {
    init?(_ value: SettingValue) {
        guard case .list(let entries) = value else { return nil }
        self = entries
    }

    var settingText: String? { self.joined(separator: ",") }
}

extension Set<String>: SettingConvertible {
    init?(_ value: SettingValue) {
        guard case .list(let entries) = value else { return nil }
        self = Set(entries)
    }

    var settingText: String? { self.sorted().joined(separator: ",") }
}

extension Optional: SettingConvertible where Wrapped: SettingConvertible {
    init?(_ value: SettingValue) {
        guard let wrapped = Wrapped(value) else { return nil }
        self = .some(wrapped)
    }

    var settingText: String? { self.flatMap(\.settingText) }
}

extension SettingConvertible where Self: RawRepresentable<String> {
    init?(_ value: SettingValue) {
        guard case .text(let text) = value, let choice = Self(rawValue: text) else { return nil }
        self = choice
    }

    var settingText: String? { self.rawValue }
}

extension SessionPolicy.LimitBehaviour: SettingConvertible {}
extension SessionPreset: SettingConvertible {}
extension IdentityHeaders: SettingConvertible {}
extension Logger.Level: SettingConvertible {}
extension LogFormat: SettingConvertible {}

extension SessionCookie.SameSite: SettingConvertible {
    /// Attributes are written `Lax`, settings in lower case.
    init?(_ value: SettingValue) {
        guard case .text(let text) = value,
            let choice = Self.allCases.first(where: { $0.rawValue.lowercased() == text })
        else { return nil }
        self = choice
    }

    var settingText: String? { self.rawValue.lowercased() }
}
