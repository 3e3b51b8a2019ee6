package import SessionCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The settings as Redis holds them: `version:time:document`, the document a flat JSON object of the settings and
/// of `by`, who set them.
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
            let values = try? JSONDecoder().decode([String: Scalar].self, from: Data(parts[2].utf8))
        else { return nil }
        var overrides = PolicyOverrides()
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
        return "{" + writer.text + "}"
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
