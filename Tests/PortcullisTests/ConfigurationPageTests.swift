import Foundation
import Testing

@testable import portcullis

@Suite struct ConfigurationPageTests {
    /// `PORTCULLIS_WRITE_DOCS=1 swift test --filter ConfigurationPageTests` writes the page anew.
    @Test func thePageIsThatOfTheTable() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/configuration.md").standardized
        if ProcessInfo.processInfo.environment["PORTCULLIS_WRITE_DOCS"] != nil {
            try Data(ConfigurationPage.text.utf8).write(to: page)
        }
        let written = try String(contentsOf: page, encoding: .utf8)
        #expect(
            written == ConfigurationPage.text,
            "old; PORTCULLIS_WRITE_DOCS=1 swift test --filter ConfigurationPageTests writes it anew"
        )
    }
}
