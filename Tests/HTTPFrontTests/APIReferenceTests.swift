import Foundation
import Testing

@testable import HTTPFront

/// `docs/api.md` is what the route table says.
@Suite struct APIReferenceTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/api.md").standardized

    @Test func docsAreWhatTheTableSays() throws {
        if ProcessInfo.processInfo.environment["PORTCULLIS_WRITE_DOCS"] == "1" {
            try Data(APIReference.text.utf8).write(to: Self.file)
        }
        let written = try String(contentsOf: Self.file, encoding: .utf8)
        // Compared as a whole, the failure would print both.
        let isNew = written == APIReference.text
        #expect(isNew, "docs/api.md is out of date; \(APIReference.command) writes it anew")
    }

    @Test func everyRouteTypeAndCodeIsThere() {
        let text = APIReference.text
        for route in Routes.all {
            #expect(text.contains("### `\(route.id)`\n\n`\(route.methodAndPath)`"), "\(route.id)")
            for note in route.answerNotes { #expect(text.contains(note), "\(route.id)") }
        }
        // Every link to a type or to the codes leads to a heading.
        let headings = text.split(separator: "\n").filter { $0.hasPrefix("#") }
            .map {
                $0.drop { $0 == "#" || $0 == " " }.lowercased().replacing(" ", with: "-").replacing(
                    "`",
                    with: ""
                )
            }
        #expect(Set(headings).count == headings.count, "two headings of one name")
        for link in text.matches(of: /\]\(#([a-z-]+)\)/) {
            #expect(headings.contains(String(link.output.1)), "\(link.output.0)")
        }
    }
}
