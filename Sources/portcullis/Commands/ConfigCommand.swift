import ArgumentParser
import Foundation
import SessionCore
import SessionGateway

/// `portcullis config`: what would hold, and why.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Prints every setting with its value and where it came from; secrets are masked.",
        discussion: "Takes the same flags, environment and file as serve, and refuses the same mistakes."
    )

    /// How the settings are printed.
    enum Output: String, ExpressibleByArgument, CaseIterable { case table, json }

    @Option(help: "table or json.")
    var output = Output.table

    @OptionGroup var sources: SettingSources

    func run() async throws {
        let settings = try self.sources.resolve()
        let node = try NodeConfiguration(settings, environment: ProcessInfo.processInfo.environment)
        let rows = settings.all.map { Row($0, effective: node) }
        switch self.output {
        case .table: print(Self.table(rows))
        case .json: print(Self.json(rows))
        }
    }

    /// A setting as it is shown.
    struct Row {
        let setting: Setting
        let value: String?
        let origin: String

        init(_ entry: Resolution.Entry, effective node: NodeConfiguration) {
            self.setting = entry.setting
            if entry.origin == .fallback, let derived = Self.derived(entry.setting.key, node) {
                (self.value, self.origin) = (derived.text, derived.origin)
            } else {
                self.value = entry.value.map { entry.setting.shown($0.text) }
                self.origin = entry.origin.description
            }
        }

        /// What follows from other settings or the surroundings.
        private static func derived(_ key: SettingKey, _ node: NodeConfiguration) -> (
            text: String, origin: String
        )? {
            let timeout: (value: Duration, untouched: Duration)
            let untouched = SessionPolicy()
            switch key {
            case .idleTimeout: timeout = (node.gateway.policy.idleTimeout, untouched.idleTimeout)
            case .absoluteTimeout: timeout = (node.gateway.policy.absoluteTimeout, untouched.absoluteTimeout)
            case .rememberIdleTimeout:
                timeout = (node.gateway.policy.rememberIdleTimeout, untouched.rememberIdleTimeout)
            case .rememberAbsoluteTimeout:
                timeout = (node.gateway.policy.rememberAbsoluteTimeout, untouched.rememberAbsoluteTimeout)
            case .dataDirectory: return node.dataDirectory.map { (PlainText.escaped($0), "default") }
            default: return nil
            }
            guard timeout.value != timeout.untouched else { return nil }
            return (timeout.value.text, "follows from other settings")
        }
    }

    /// Three aligned columns; a setting without a value shows what holds then in brackets.
    static func table(_ rows: [Row]) -> String {
        let cells = rows.map { row in
            (row.setting.path, row.value ?? "(\(row.setting.fallbackNote ?? "none"))", row.origin)
        }
        let names = cells.map(\.0.count).max() ?? 0
        let values = min(cells.map(\.1.count).max() ?? 0, 48)
        return cells.map { name, value, origin in
            name.padding(to: names + 2) + value.padding(to: values) + "  " + origin
        }.joined(separator: "\n")
    }

    /// One object: path → value and origin.
    static func json(_ rows: [Row]) -> String {
        let members = rows.map { row in
            var text = "  "
            JSONLine.append(row.setting.path, to: &text)
            text += ": {\"value\": "
            if let value = row.value { JSONLine.append(value, to: &text) } else { text += "null" }
            text += ", \"origin\": "
            JSONLine.append(row.origin, to: &text)
            return text + "}"
        }
        return "{\n\(members.joined(separator: ",\n"))\n}"
    }
}

extension String {
    /// With spaces up to `width` characters.
    func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - self.count)) }
}
