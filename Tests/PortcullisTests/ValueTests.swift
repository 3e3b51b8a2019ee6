import Foundation
import Logging
import SessionCore
import SessionJWT
import Testing

@testable import portcullis

@Suite("Values, secrets and log lines")
struct ValueTests {
    @Test(
        "Durations",
        arguments: [
            ("500ms", Duration.milliseconds(500)), ("90s", .seconds(90)), ("15m", .seconds(900)),
            ("12h", .seconds(43_200)), ("30d", .seconds(2_592_000)), ("0", .zero), ("0s", .zero),
        ]
    )
    func durations(text: String, duration: Duration) {
        #expect(Duration(setting: text) == duration)
        #expect(Duration(setting: duration.text) == duration)
    }

    @Test(
        "What is no duration",
        arguments: ["", "5", "-5s", "5 s", "5x", "s", "1.5h", "٣s", "9223372036854775807d", "+5s", "5S"]
    )
    func noDurations(text: String) { #expect(Duration(setting: text) == nil) }

    @Test(
        "Addresses",
        arguments: [
            "localhost:0", "127.0.0.1:7171", "[::1]:80", "unix:/run/portcullis.sock", "0.0.0.0:65535",
        ]
    )
    func addresses(text: String) { #expect(ListenAddress(text)?.description == text) }

    @Test(
        "What is no address",
        arguments: [
            "", ":80", "host", "host:", "host:65536", "host:-1", "::1:80", "unix:run", "unix:/", "a b:1",
        ]
    )
    func noAddresses(text: String) { #expect(ListenAddress(text) == nil) }

    @Test("Token secrets: base 64 or hexadecimal, several by id, the first signs")
    func tokenSecrets() throws {
        let hex = String(repeating: "0f", count: 32)
        let base64 = Data(repeating: 15, count: 32).base64EncodedString()
        let new = try TokenSecrets.keyRing("# ours\n7:\(hex)\n\n3:\(base64)\n", source: "f")
        let old = try TokenSecrets.keyRing("3:\(base64),9:\(hex)", source: "f")
        let partition = try #require(Partition(5))
        let token = old.token(
            id: SessionID(partition: partition, value: 1),
            verifier: Verifier(),
            idleTimeout: .seconds(60),
            absoluteExpiry: Timestamp(milliseconds: 1_000_000),
            remember: false
        )
        #expect(token.keyID == 3)
        #expect(new.verifies(token))
        #expect(throws: Never.self) { try TokenSecrets.keyRing(hex, source: "f") }
        #expect(throws: Never.self) { try TokenSecrets.keyRing(TokenSecrets.generate(), source: "f") }
    }

    @Test(
        "Bad token secrets are refused without being repeated",
        arguments: [
            ("", "no token secret"), ("1:abcd", "at least 32 bytes"), ("256:SECRET", "0 to 255"),
            ("1:SECRET!", "neither base 64"), ("1:AAAA,SECRET", "at least 32"), ("SECRET!,b", "id:secret"),
        ]
    )
    func badTokenSecrets(text: String, sentence: String) {
        do {
            _ = try TokenSecrets.keyRing(text, source: "f")
            Issue.record("accepted")
        } catch {
            #expect(error.description.contains(sentence))
            #expect(!error.description.contains("SECRET"))
        }
    }

    @Test("JWT secrets have the same form")
    func jwtSecrets() throws {
        let hex = String(repeating: "0f", count: 32)
        let jwt = try TokenSecrets.jwt("2:\(hex)\n1:\(hex)", source: "f")
        #expect(jwt.signing.id == "2" && jwt.accepted.map(\.id) == ["1"])
        #expect(jwt.signing.secret == [UInt8](repeating: 15, count: 32))
        #expect(throws: ConfigurationError.self) { try TokenSecrets.jwt("1:abcd", source: "f") }
        #expect(throws: ConfigurationError.self) { try TokenSecrets.jwt("", source: "f") }
    }

    @Test("The same id twice is refused")
    func sameID() {
        let hex = String(repeating: "0f", count: 32)
        #expect(throws: ConfigurationError("f: the id 1 is given twice")) {
            try TokenSecrets.keyRing("1:\(hex)\n1:\(hex)", source: "f")
        }
    }

    private func line(_ message: String, _ metadata: Logger.Metadata = [:], format: LogFormat = .json)
        -> String
    {
        LineLogHandler(label: "test", format: format, level: .trace).line(
            LogEvent(
                level: .notice,
                message: "\(message)",
                metadata: metadata,
                source: nil,
                file: "",
                function: "",
                line: 0
            ),
            at: WallTime(seconds: 1_700_000_000, milliseconds: 7)
        )
    }

    @Test("A log line is one JSON object, whatever is in it")
    func asvs1641LogLines() throws {
        let nasty = "a\"b\\c\r\nd\u{1b}]52;c;x\u{7}\u{9b}\u{202e}\u{2028}\u{0}\u{e0041}é😀"
        let line = self.line(nasty, ["time": "x", "list": ["a", "\n"], "n": ["k": "\(3)"]])
        #expect(!line.unicodeScalars.contains(where: PlainText.isUnsafe))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        )
        #expect((object["message"] as? String)?.utf8.elementsEqual(nasty.utf8) == true)
        #expect(object["time"] as? String == "2023-11-14T22:13:20.007Z")
        #expect(object["time_"] as? String == "x")
        #expect(object["list"] as? [String] == ["a", "\n"])
        #expect(object["level"] as? String == "notice")
        let text = self.line(nasty, ["k": "\(nasty)"], format: .text)
        #expect(!text.unicodeScalars.contains(where: PlainText.isUnsafe))
        #expect(text.hasPrefix("22:13:20.007 NOTICE"))
    }

    @Test("Nothing of the length of a token gets into the log but its last eight characters")
    func asvs1625NoTokens() {
        let token = String(repeating: "Ab3_", count: 14) + "12345678"
        for format in LogFormat.allCases {
            let line = self.line("GET \(token)!", ["t": "\(token)", "l": ["\(token)"]], format: format)
            #expect(!line.contains(token.prefix(12)))
            #expect(line.contains("…12345678!"))
        }
    }
}
