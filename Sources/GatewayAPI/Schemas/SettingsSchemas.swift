/// The settings that can be changed at run time and their values; a test compares them with `PolicySetting`.
package enum SettingSchemas {
    private static let day = 86_400

    package static let values: [(key: String, value: Schema)] = [
        ("idleTimeout", .integer(60...90 * day).note("Seconds; at most the absolute timeout.")),
        ("absoluteTimeout", .integer(60...400 * day).note("Seconds.")),
        ("rememberIdleTimeout", .integer(60...400 * day).note("Seconds; at most the absolute one.")),
        ("rememberAbsoluteTimeout", .integer(60...400 * day).note("Seconds.")),
        ("maxSessions", .integer(0...1000).note("Of a user; 0 for any number.")),
        ("limitBehaviour", .choice(["revoke-oldest", "deny"])),
        ("rotationGrace", .integer(0...300).note("Seconds.")),
    ]

    /// Any of them.
    fileprivate static let anyOf = values.map { (key: $0.key + "?", value: $0.value) }
    /// What is allowed for each, in words.
    fileprivate static let allowed = values.map { (key: $0.key, value: Schema.string()) }
}

/// Limits of single users and organizations; a test compares them with `LimitOverrides`.
package enum LimitSchemas {
    package static let mostEntries = 1000
    package static let names = ["maxSessions", "limitBehaviour"]
    private static let values = SettingSchemas.values.filter { names.contains($0.key) }.map {
        (key: $0.key + "?", value: $0.value)
    }

    fileprivate static func limits(
        _ object: ([(key: String, value: Schema)]) -> Schema,
        isOptional: Bool
    ) -> Schema {
        let mark = isOptional ? "?" : ""
        let entry = isOptional ? object(self.values).orNull : object(self.values)
        let entries = Schema.map(of: entry, names: .name, most: self.mostEntries)
        return object([
            (key: "users" + mark, value: entries.note("By user id. What is missing is the organization's.")),
            (
                key: "organizations" + mark,
                value: entries.note("Of each user of the organization. What is missing is everybody's.")
            ),
        ])
    }
}

extension ChangeSettingsJSON: DescribedJSON {
    package static let schema = Schema.request([
        "version": .integer(atLeast: 0).note("The version that was read."),
        "settings": .request(of: SettingSchemas.anyOf).note(
            "All that is to be set; what is missing or null falls back to the configuration."
        ),
        "limits?": LimitSchemas.limits({ .request(of: $0) }, isOptional: true).note(
            "All limits that are to be set for single users and organizations; maxSessions 0 exempts."
        ),
    ])
}

extension SettingsJSON: DescribedJSON {
    package static let schema = Schema.object([
        "version": .integer().note("0 when nothing was ever set; one more with each change."),
        "settings": .object(of: SettingSchemas.anyOf).note("What is set."),
        "defaults": .object(of: SettingSchemas.values).note("The configuration of the node that answers."),
        "effective": .object(of: SettingSchemas.values).note("What counts for everybody else."),
        "limits": LimitSchemas.limits({ .object(of: $0) }, isOptional: false).note(
            "Of single users and organizations."
        ),
        "allowed": .object(of: SettingSchemas.allowed),
        "changedAt?": .time,
        "changedBy?": .string(),
        "receipt?": .of(ReceiptJSON.self).note("That every node uses them; after a change."),
    ])
}
