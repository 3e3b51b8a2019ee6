/// Everything that is wrong with the configuration, a sentence each, in words for the operator. Ends the program
/// with ``exitCode``.
struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// `EX_CONFIG` of `sysexits.h`.
    static let exitCode: Int32 = 78

    let problems: [String]

    init(_ problem: String) { self.problems = [problem] }

    init(_ problems: [String]) { self.problems = problems }

    var description: String { self.problems.joined(separator: "\n") }
}

/// What somebody may have meant.
enum NearestName {
    /// The name with the fewest insertions, removals, replacements and swaps of neighbors from `text`; `nil`
    /// when all are too far off to be meant. A prefix that all share says nothing and is left out.
    static func of(_ text: String, in names: [String], after prefix: String = "") -> String? {
        let skipped = prefix.utf8.count
        let wanted = Array(text.utf8.dropFirst(skipped))
        let candidates = names.map { name in
            let bytes = Array(name.utf8.dropFirst(skipped))
            return (name: name, length: bytes.count, distance: self.distance(wanted, bytes))
        }
        guard let best = candidates.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }),
            best.distance <= max(2, best.length / 3), best.distance < best.length
        else { return nil }
        return best.name
    }

    /// Optimal string alignment distance.
    static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var rows = [Array(0...b.count)]
        for (i, x) in a.enumerated() {
            var row = [i + 1]
            for (j, y) in b.enumerated() {
                var cost = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (x == y ? 0 : 1))
                if i > 0, j > 0, x == b[j - 1], a[i - 1] == y { cost = min(cost, rows[i - 1][j - 1] + 1) }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
