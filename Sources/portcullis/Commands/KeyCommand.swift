import ArgumentParser
import ServiceKeys
import SessionCore

/// `portcullis key`: service keys.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Service keys of app nodes and proxies.",
        subcommands: [Generate.self]
    )

    /// `portcullis key generate`
    struct Generate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a key: prints it once, and the line that goes into the file of service keys.",
            discussion: "Only the line's digest is kept anywhere; a lost key is replaced, not recovered."
        )

        @Option(help: "Whose key it is: 1 to 64 letters, digits and hyphens.")
        var name: String

        @Option(
            help: "What it may do, joined by + or commas: check, create, admin.",
            completion: .list(ServiceScope.allCases.map(\.rawValue))
        )
        var scopes = "check"

        @Option(help: "The only organization that it administers; with the scope admin alone.")
        var organization: String?

        func run() async throws {
            var scopes: Set<ServiceScope> = []
            for word in self.scopes.split(
                omittingEmptySubsequences: false,
                whereSeparator: { "+,".contains($0) }
            ) {
                guard let scope = ServiceScope(rawValue: word.trimmed) else {
                    throw ValidationError("--scopes must be check, create or admin, joined by + or commas")
                }
                scopes.insert(scope)
            }
            if let organization = self.organization {
                guard scopes == [.admin] else {
                    throw ValidationError("--organization needs --scopes admin, and no other")
                }
                do {
                    _ = try InputRules.name(organization, field: "--organization")
                } catch {
                    throw ValidationError("--organization \(error.reason)")
                }
                // A line is read back without the blanks at its ends.
                guard organization == organization.trimmed else {
                    throw ValidationError("--organization must not begin or end with blanks")
                }
            }
            guard
                let generated = ServiceKeyRing.generate(
                    name: self.name,
                    scopes: scopes,
                    organization: self.organization
                )
            else { throw ValidationError("--name must be 1 to 64 letters, digits and hyphens") }
            print("key:  \(generated.key)")
            print("line: \(generated.line)")
        }
    }
}
