import Foundation
import Testing

@Suite struct ReadmeTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: self.root.appending(path: path), encoding: .utf8)
    }

    @Test func theProgramInTheReadmeIsTheOneThatIsCompiled() throws {
        let readme = try Self.text("README.md")
        let program = try Self.text("Sources/EmbeddedExample/main.swift")
        #expect(program.split(separator: "\n").count <= 30)
        #expect(readme.contains("```swift\n\(program)```"))
    }

    @Test(arguments: ["README.md", "CONTRIBUTING.md", "benchmarks/README.md"])
    func everyFileThatIsNamedIsThere(document: String) throws {
        let text = try Self.text(document)
        let folder = self.folder(of: document)
        var count = 0
        for match in text.matches(of: /\]\((?<path>[^)#:]+)\)/) {
            let path = folder + String(match.output.path)
            #expect(FileManager.default.fileExists(atPath: Self.root.appending(path: path).path), "\(path)")
            count += 1
        }
        #expect(count > 0 || document != "README.md")
    }

    private func folder(of document: String) -> String {
        document.split(separator: "/").dropLast().map { $0 + "/" }.joined()
    }
}
