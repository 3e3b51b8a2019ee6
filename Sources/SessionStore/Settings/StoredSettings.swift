package import SessionCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The settings as Redis holds them: `version:time:document`, the document a JSON object of the settings, of `by`, who
/// set them, and of `limits`, those of single users and organizations.
package struct StoredSettings: Sendable, Equatable {
    /// 0 when nothing was ever set; one more with each change.
    package let version: Int
    package let overrides: PolicyOverrides
    /// `nil` when nothing was ever set.
    package let changedAt: Timestamp?
    package let changedBy: String?

    /// Nothing set.
    package static let none = StoredSettings()

    private init() {
        self.version = 0
        self.overrides = PolicyOverrides()
        self.changedAt = nil
        self.changedBy = nil
    }

    /// Reads what is stored or published. A setting that this version does not know, or whose value it does not
    /// allow, is left out: another version of Portcullis may have set it.
    /// - Returns: `nil` when it cannot be read at all.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let version = Int(parts[0]), version > 0, let at = Int64(parts[1]),
            let document = try? JSONDecoder().decode(Document.self, from: Data(parts[2].utf8))
        else { return nil }
        let values = document.values
        var overrides = PolicyOverrides()
        overrides.limits = Self.limits(document.limits)
        for (name, value) in values {
            guard let setting = PolicySetting(rawValue: name) else { continue }
            try? overrides.set(setting, value.value)
        }
        self.version = version
        self.overrides = overrides
        self.changedAt = Timestamp(milliseconds: at)
        if case .text(let actor) = values["by"]?.value {
            self.changedBy = actor
        } else {
            self.changedBy = nil
        }
    }

    /// The document of settings.
    static func document(_ overrides: PolicyOverrides, by actor: String?) -> String {
        var writer = JSONObjectWriter()
        writer.field("by", actor)
        for (setting, value) in overrides.values.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .integer(let number): writer.field(setting.rawValue, number)
            case .text(let text): writer.field(setting.rawValue, text)
            }
        }
        if !overrides.limits.isEmpty { writer.field("limits", json: Self.text(overrides.limits)) }
        return "{" + writer.text + "}"
    }

    private static func text(_ limits: LimitOverrides) -> String {
        var scopes = JSONObjectWriter()
        for scope in LimitOverrides.Scope.allCases {
            var entries: [String] = []
            for (name, limit) in limits.entries(scope) {
                var writer = JSONObjectWriter()
                writer.field(PolicySetting.maxSessions.rawValue, limit.maximumSessions)
                writer.field(PolicySetting.limitBehaviour.rawValue, limit.behavior?.rawValue)
                entries.append(JSONObjectWriter.quoted(name) + ":{" + writer.text + "}")
            }
            scopes.field(scope.rawValue, json: "{" + entries.joined(separator: ",") + "}")
        }
        return "{" + scopes.text + "}"
    }

    private static func limits(_ values: [String: [String: [String: Scalar]]]) -> LimitOverrides {
        var limits = LimitOverrides()
        for (scope, entries) in values {
            guard let scope = LimitOverrides.Scope(rawValue: scope) else { continue }
            for (name, settings) in entries {
                for (setting, value) in settings {
                    guard let setting = PolicySetting(rawValue: setting) else { continue }
                    try? limits.set(setting, value.value, for: name, in: scope)
                }
            }
        }
        return limits
    }

    /// `limits` is the one member that is an object.
    private struct Document: Decodable {
        var values: [String: Scalar] = [:]
        var limits: [String: [String: [String: Scalar]]] = [:]

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            for name in container.allKeys {
                if name.stringValue == "limits" {
                    self.limits = try container.decode(
                        [String: [String: [String: Scalar]]].self,
                        forKey: name
                    )
                } else {
                    self.values[name.stringValue] = try container.decode(Scalar.self, forKey: name)
                }
            }
        }

        private struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }

            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }
    }

    private struct Scalar: Decodable {
        let value: PolicySetting.Value

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self.value = .text(text)
            } else {
                self.value = .integer(try container.decode(Int.self))
            }
        }
    }
}

/// What came of an attempt to change the settings.
package enum SetSettingsOutcome: Sendable, Equatable {
    case changed(StoredSettings)
    /// Somebody else was faster; nothing was written.
    case conflict(present: Int)
}
