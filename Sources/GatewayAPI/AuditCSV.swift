/// The audit log as CSV (RFC 4180), for spreadsheets.
package enum AuditCSV {
    private static let columns = [
        "position", "at", "kind", "session", "user", "organization", "actor", "reason", "from", "call",
        "code", "count", "hash",
    ]

    /// A header and a line for each entry.
    package static func text(_ entries: [AuditEntryJSON]) -> String {
        var text = Self.columns.joined(separator: ",") + "\r\n"
        for entry in entries {
            let cells = [
                entry.position, entry.at.description, entry.kind, entry.session, entry.user,
                entry.organization, entry.actor, entry.reason, entry.from, entry.call, entry.code,
                String(entry.count ?? 1), entry.hash,
            ]
            text += cells.map { Self.cell($0 ?? "") }.joined(separator: ",") + "\r\n"
        }
        return text
    }

    /// A cell. Users choose some of these texts, and a spreadsheet takes a cell that begins with `=` or the like for
    /// a formula (CSV injection): an apostrophe makes it text. Control characters are replaced, so that no program
    /// passes over them to find such a beginning.
    package static func cell(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { scalars.append(Self.isControl(scalar) ? "\u{FFFD}" : scalar) }
        var cell = String(scalars)
        if let first = text.unicodeScalars.first, Self.isControl(first) || Self.beginnings.contains(first) {
            cell = "'" + cell
        }
        guard cell.unicodeScalars.contains(where: { $0 == "," || $0 == "\"" || $0 == "'" }) else {
            return cell
        }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }

    /// In full width as well: some spreadsheets read those like the others.
    private static let beginnings: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
    ]

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}
