import ArgumentParser

/// The command line. Exit codes: 0 done, 64 wrong usage, 69 something needed is missing, 78 wrong configuration,
/// 1 anything else.
@main
struct Portcullis: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "portcullis",
        abstract:
            "A session gateway: keeps login sessions in Redis, checks tokens, logs out everywhere at once.",
        version: Version.text,
        subcommands: [ServeCommand.self, DevCommand.self, ConfigCommand.self, KeyCommand.self]
    )

    static func main() async {
        do {
            var command = try Self.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as ConfigurationError {
            for problem in error.problems { StandardError.write(line: "portcullis: \(problem)") }
            Self.exit(withError: ExitCode(ConfigurationError.exitCode))
        } catch let error as StartError {
            StandardError.write(line: "portcullis: \(error)")
            Self.exit(withError: ExitCode(StartError.exitCode))
        } catch {
            Self.exit(withError: error)
        }
    }
}

/// The program's version.
enum Version {
    static let text = "0.1.0"
}
