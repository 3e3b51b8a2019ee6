import Foundation
import TestSupport
import Testing

@Suite struct ReadmeTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: self.root.appending(path: path), encoding: .utf8)
    }

    @Test func theReadmeIsShort() throws {
        let readme = try Self.text("README.md")
        #expect(readme.split(separator: "\n", omittingEmptySubsequences: false).count <= 151)
        #expect(readme.split(whereSeparator: \.isWhitespace).count <= 900)
    }

    /// The block under "Quick start" as it stands, but for the port, in an empty folder with `portcullis` on PATH.
    @Test(.timeLimit(.minutes(3)))
    func theQuickStartRunsAsItIsPasted() async throws {
        let readme = try Self.text("README.md")
        let section = try #require(readme.range(of: "## Quick start"))
        let start = try #require(readme.range(of: "```sh\n", range: section.upperBound..<readme.endIndex))
        let end = try #require(readme.range(of: "```", range: start.upperBound..<readme.endIndex))
        let port = try freePort()
        let block = readme[start.upperBound..<end.lowerBound].replacing("7171", with: "\(port)")
        let program = try ProgramProcess.program().deletingLastPathComponent().path
        try await ProgramProcess.withFolder { folder in
            let script = """
                cd '\(folder)' && mkdir here && cd here && PATH='\(program)':$PATH HOME='\(folder)' || exit 1
                trap 'kill "$NODE" 2>/dev/null; wait' EXIT
                \(block)
                """
            let file = "\(folder)/script"
            try Data(script.utf8).write(to: URL(filePath: file))
            let output = "\(folder)/output"
            // `timeout` ends the whole group, the node with it, also when this process is killed.
            let process = try ChildProcess.spawn(["timeout", "-k", "5", "120", "bash", file], output: output)
            let ended = try await eventually("the block ends") {
                ChildProcess.isRunning(process) ? nil : true
            }
            #expect(ended)
            let text = String(decoding: try Data(contentsOf: URL(filePath: output)), as: UTF8.self)
            let statuses = text.matches(of: /HTTP\/1\.1 (\d+)/).map { String($0.output.1) }
            #expect(statuses == ["204", "401"], "\(text)")
            #expect(text.lowercased().contains("x-session-user: alice"))
            #expect(text.contains(#""ended":1"#) && text.contains(#""nodes":1"#), "the receipt")
        }
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
}
