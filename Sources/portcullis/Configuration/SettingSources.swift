import ArgumentParser
import Foundation

/// The command-line part that all commands with settings share.
struct SettingSources: ParsableArguments {
    @Option(
        name: .long,
        help: "A YAML or JSON file of settings (default: the environment variable PORTCULLIS_CONFIG).",
        completion: .file()
    )
    var config: String?

    @OptionGroup(title: "Settings")
    var flags: SettingFlags

    /// Reads flags, environment and file.
    /// - Parameter fallbacks: defaults that differ from the table's.
    /// - Throws: ``ConfigurationError``.
    func resolve(fallbacks: [SettingKey: String] = [:]) throws -> Resolution {
        let environment = ProcessInfo.processInfo.environment
        let name =
            self.config ?? environment[EnvironmentSettings.fileVariable].flatMap { $0.isEmpty ? nil : $0 }
        return try Resolution.resolve(
            flags: self.flags.values,
            environment: environment,
            file: try name.map(ConfigurationFile.load),
            fallbacks: fallbacks
        )
    }
}
