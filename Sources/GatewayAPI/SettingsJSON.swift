/// The value of a setting: a number or a text. Others are kept as a description, to be refused by name.
package enum SettingValueJSON: Codable, Sendable, Hashable {
    case integer(Int)
    case text(String)
    /// Not set.
    case null
    /// What no setting takes, in words.
    case other(String)

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let flag = try? container.decode(Bool.self) {
            self = .other(String(flag))
        } else if let integer = try? container.decode(Int.self) {
            self = .integer(integer)
        } else if let number = try? container.decode(Double.self) {
            self = .other(String(number))
        } else {
            self = .other("a list or an object")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .integer(let number): try container.encode(number)
        case .text(let text), .other(let text): try container.encode(text)
        case .null: try container.encodeNil()
        }
    }
}

/// `PUT /api/admin/settings`: all that is to be set; what is left out or null falls back to the configuration.
package struct ChangeSettingsJSON: RequestBodyJSON {
    /// The version that was read.
    package var version: Int
    package var settings: [String: SettingValueJSON]
    /// Limits of single users and organizations; as with `settings`, all that is to be set.
    package var limits: LimitsJSON?

    package init(version: Int, settings: [String: SettingValueJSON]) {
        self.version = version
        self.settings = settings
    }

    package static let fields: Set<String> = ["version", "settings", "limits"]
}

/// The settings that can be changed at run time. Durations in seconds.
package struct SettingsJSON: Codable, Sendable, Equatable {
    /// 0 when nothing was ever set; one more with each change.
    package var version: Int
    /// What is set.
    package var settings: [String: SettingValueJSON]
    /// The answering node's configuration, which counts for what is not set.
    package var defaults: [String: SettingValueJSON]
    /// What counts.
    package var effective: [String: SettingValueJSON]
    /// Limits of single users and organizations, in place of what counts for everybody.
    package var limits: [String: [String: [String: SettingValueJSON]]]
    /// What is allowed, in words.
    package var allowed: [String: String]
    package var changedAt: WireTime?
    package var changedBy: String?
    /// That every node uses them; in the answer to a change only.
    package var receipt: ReceiptJSON?

    package init(
        version: Int,
        settings: [String: SettingValueJSON],
        defaults: [String: SettingValueJSON],
        effective: [String: SettingValueJSON],
        limits: [String: [String: [String: SettingValueJSON]]],
        allowed: [String: String],
        changedAt: WireTime?,
        changedBy: String?
    ) {
        self.version = version
        self.settings = settings
        self.defaults = defaults
        self.effective = effective
        self.limits = limits
        self.allowed = allowed
        self.changedAt = changedAt
        self.changedBy = changedBy
    }
}
