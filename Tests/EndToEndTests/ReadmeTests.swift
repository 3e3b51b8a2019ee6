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

    @Test(arguments: ["README.md", "CONTRIBUTING.md", "benchmarks/README.md", "docs/security.md"])
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

    /// Whoever follows the table of features, or that of security, finds the tests that it names.
    @Test(arguments: ["docs/features.md", "docs/security.md"])
    func everyTestThatATableNamesIsThere(document: String) throws {
        let folder = Self.root.appending(path: "Tests")
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        var sources: [String: String] = [:]
        for name in names where name.hasSuffix(".swift") {
            let suite = name.split(separator: "/").last.map { String($0.dropLast(6)) } ?? ""
            sources[suite, default: ""] += try Self.text("Tests/\(name)")
        }
        var count = 0
        for match in try Self.text(document).matches(of: /`(?<suite>\w+Tests)\.(?<test>\w+|\*)`/) {
            let source = sources[String(match.output.suite)] ?? ""
            let sought = match.output.test == "*" ? "@Test" : "func \(match.output.test)("
            #expect(source.contains(sought), "\(match.output.0)")
            count += 1
        }
        #expect(count > 30)
    }

    private func folder(of document: String) -> String {
        document.split(separator: "/").dropLast().map { $0 + "/" }.joined()
    }
}
