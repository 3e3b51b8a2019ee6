import Foundation
import SessionCore
import Testing

/// ASVS 11.2.4: where secrets are compared, the time says nothing of where they differ.
@Suite struct ConstantTimeTests {
    /// Every function that compares a secret, or a code made with one, with what a stranger sent.
    private static let comparisons = [
        ("SessionCore/Token/Token.swift", "static func == (lhs: Digest256, rhs: Digest256) -> Bool {"),
        ("SessionCore/Token/TokenKeyRing.swift", "public func verifies(_ token: Token) -> Bool {"),
        ("SessionCore/Token/TokenKeyRing+Binding.swift", "-> Bool\n    {"),
        ("ServiceKeys/ServiceKeyRing.swift", "public func verify(_ presented: String) -> ServiceKey? {"),
    ]

    /// Nothing is decided before all of it has been compared: differences are gathered with `^` and `|`, and looked at
    /// once.
    @Test(arguments: comparisons)
    func asvs1124ComparisonsGatherDifferences(_ file: String, _ head: String) throws {
        let root = URL(filePath: #filePath).appending(path: "../../../Sources").standardized
        let source = try String(contentsOf: root.appending(path: file), encoding: .utf8)
        let start = try #require(source.range(of: head)).upperBound
        let rest = source[start...]
        let end = try #require(rest.range(of: "\n    }\n")).lowerBound
        let body = String(rest[..<end])
        #expect(body.contains(" ^ ") && (body.contains("|=") || body.contains(" | ")), "\(body)")
        for early in ["break", "continue", "&&", "||", "elementsEqual", "starts(with", "while "] {
            #expect(!body.contains(early), "\(early) in \(body)")
        }
        // A loop has no way out, and the only result comes after it.
        if let loop = body.range(of: "for (lhs, rhs)") {
            let line = body[loop.lowerBound...].prefix { $0 != "\n" }
            #expect(line.contains("difference |= lhs ^ rhs") && !line.contains("return"), "\(line)")
        }
    }

    /// Welch's t-test: refusing takes as long for a signature whose first bit is wrong as for one whose last is.
    /// Opt-in, because it wants a quiet machine: PORTCULLIS_TIMING=1 swift test -c release --filter ConstantTime.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["PORTCULLIS_TIMING"] != nil))
    func asvs1124RefusingTakesTheSameTimeWhereverTheDifferenceIs() throws {
        let ring = TokenKeyRing(signing: try key(1, secret: 1))
        let genuine = ring.token(
            id: sessionID(1),
            verifier: Verifier(),
            idleTimeout: .seconds(60),
            absoluteExpiry: time(2_000_000_000_000),
            remember: false
        ).text
        // The signature is the last 12 bytes, 16 characters.
        func changed(_ place: Int) throws -> Token {
            var characters = Array(genuine.utf8)
            characters[place] = characters[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            return try #require(Token(String(decoding: characters, as: UTF8.self)))
        }
        let tokens = [try changed(48), try changed(63)]
        let clock = ContinuousClock()
        var times: [[Double]] = [[], []]
        var accepted = 0
        for _ in 0..<1_000_000 {
            // Drawn, not in turn: what happens now and then must not hit one of them more often.
            let which = Int.random(in: 0...1)
            let took = clock.measure { if ring.verifies(tokens[which]) { accepted += 1 } }
            times[which].append(Double(took.components.attoseconds) / 1e9)
        }
        #expect(accepted == 0)
        // Interrupts make a tail that drowns everything; the slowest tenth goes, by one bound for both.
        let bound = (times[0] + times[1]).sorted()[Int(0.9 * Double(times[0].count + times[1].count))]
        let (first, second) = (Sample(times[0].filter { $0 < bound }), Sample(times[1].filter { $0 < bound }))
        let t = (first.mean - second.mean) / (first.variancePerCount + second.variancePerCount).squareRoot()
        #expect(abs(t) < 4.5, "t = \(t), \(first.mean) ns and \(second.mean) ns")
    }

    private struct Sample {
        let mean: Double
        let variancePerCount: Double

        init(_ values: [Double]) {
            let count = Double(values.count)
            let mean = values.reduce(0, +) / count
            self.mean = mean
            self.variancePerCount =
                values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1) / count
        }
    }
}
