/// `docs/configuration.md`, made from the table of settings.
enum ConfigurationPage {
    /// The page.
    static var text: String {
        var text = """
            # Configuration

            Made from the table of settings; a test compares it.

            A flag goes before the environment, the environment before the file, the file before the default.
            `portcullis config` prints each value and where it came from. A file is YAML or JSON (`--config`, or
            `PORTCULLIS_CONFIG`); its paths have dots between the levels. `SESSION_TIMEOUT` (minutes) and
            `SESSION_TIMEOUT_DAYS` are read as the idle timeout. A wrong value is refused with its name, the value, its
            origin and what is allowed; so is an unknown name.

            Durations are a number and a unit: `500ms`, `90s`, `15m`, `12h`, `30d`.

            """
        for group in Setting.groups {
            text += "\n## \(group.title)\n"
            for setting in group.settings { text += "\n\(self.entry(setting))" }
        }
        return text
    }

    private static func entry(_ setting: Setting) -> String {
        let fallback = setting.fallback.flatMap { $0.isEmpty ? nil : $0 }.map { "`\($0)`" }
        let lines = [
            "### `\(setting.key.rawValue)`", "", self.sentence(setting.help), "",
            setting.hasFlag
                ? "- Flag: `--\(setting.key.rawValue)`"
                : "- No flag: other users can read a process's arguments",
            "- Environment: `\(setting.key.environmentName)`", "- File: `\(setting.path)`",
            "- Default: \(fallback ?? setting.fallbackNote ?? "empty")", "- Allowed: \(setting.kind.allowed)",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func sentence(_ help: String) -> String {
        help.prefix(1).uppercased() + help.dropFirst() + "."
    }
}
