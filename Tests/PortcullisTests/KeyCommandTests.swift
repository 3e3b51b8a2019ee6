import ArgumentParser
import Testing

@testable import portcullis

@Suite("portcullis key generate")
struct KeyCommandTests {
    @Test(
        "A key of an organization administers, and nothing else",
        arguments: [
            (["--scopes", "check", "--organization", "acme"], "--scopes admin"),
            (["--scopes", "admin+create", "--organization", "acme"], "--scopes admin"),
            (["--scopes", "admin", "--organization", ""], "1 to 256 bytes"),
            (["--scopes", "admin", "--organization", "a\nb"], "control"),
            (["--scopes", "admin", "--organization", " acme"], "blanks"),
            (["--scopes", "admin", "--name", "a_b"], "--name"), (["--scopes", "root"], "--scopes"),
        ]
    )
    func whatIsRefused(arguments: [String], word: String) async throws {
        let name = arguments.contains("--name") ? [] : ["--name", "it"]
        let command = try KeyCommand.Generate.parse(name + arguments)
        await #expect {
            try await command.run()
        } throws: {
            "\($0)".contains(word)
        }
    }
}
