/// What the chain of the audit log is made over: an entry without its place in the log, as bytes that can be read in
/// one way only.
///
/// The bytes are netstrings (`5:alice,`), one a field and always in the same order, so that no field can
/// pass for a part of another. Empty ones at the end are left out.
package struct AuditRecord: Sendable, Equatable {
    /// Counts all entries there ever were, from 1: what was taken out of the middle is missed.
    package var number = 0
    package var at: Timestamp
    /// The event stream that it comes from, and its position there: `5:1767225600000-0`.
    package var source: String
    package var kind: String
    /// A session id, or empty.
    package var session = ""
    package var user = ""
    package var organization = ""
    package var actor = ""
    package var reason = ""
    package var from = ""
    package var call = ""
    package var code = ""
    package var count = 1

    package init(at: Timestamp, source: String, kind: String) {
        self.at = at
        self.source = source
        self.kind = kind
    }

    /// The most bytes of one field; a longer one (settings of a thousand users) is cut.
    package static let maximumFieldBytes = 4096

    private var fields: [String] {
        [
            String(self.number), String(self.at.milliseconds), self.source, self.kind, self.session,
            self.user,
            self.organization, self.actor, self.reason, self.from, self.call, self.code,
            self.count == 1 ? "" : String(self.count),
        ]
    }

    /// The record as it is kept and hashed.
    package var bytes: [UInt8] {
        var fields = self.fields
        while fields.last?.isEmpty == true { fields.removeLast() }
        var bytes: [UInt8] = []
        for field in fields {
            let content = Self.trimmed(field)
            bytes += String(content.utf8.count).utf8
            bytes.append(UInt8(ascii: ":"))
            bytes += content.utf8
            bytes.append(UInt8(ascii: ","))
        }
        return bytes
    }

    /// Reads ``bytes``; `nil` for anything else.
    package init?(_ bytes: [UInt8]) {
        guard let fields = Self.netstrings(bytes), (4...13).contains(fields.count),
            let number = Int(fields[0]), number > 0, let at = Int64(fields[1])
        else { return nil }
        func field(_ index: Int) -> String { index < fields.count ? fields[index] : "" }
        self.init(at: Timestamp(milliseconds: at), source: fields[2], kind: fields[3])
        self.number = number
        self.session = field(4)
        self.user = field(5)
        self.organization = field(6)
        self.actor = field(7)
        self.reason = field(8)
        self.from = field(9)
        self.call = field(10)
        self.code = field(11)
        if fields.count == 13 {
            guard let count = Int(fields[12]) else { return nil }
            self.count = count
        }
    }

    private static func netstrings(_ bytes: [UInt8]) -> [String]? {
        var fields: [String] = []
        var position = 0
        while position < bytes.count {
            var length = 0
            let start = position
            while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
                guard position - start < 7 else { return nil }
                length = length * 10 + Int(bytes[position] - UInt8(ascii: "0"))
                position += 1
            }
            guard position > start, position < bytes.count, bytes[position] == UInt8(ascii: ":"),
                position + 1 + length < bytes.count, bytes[position + 1 + length] == UInt8(ascii: ","),
                let field = String(validating: bytes[(position + 1)..<(position + 1 + length)], as: UTF8.self)
            else { return nil }
            fields.append(field)
            position += length + 2
        }
        return fields
    }

    /// Cut at a character's edge.
    private static func trimmed(_ text: String) -> String {
        guard text.utf8.count > Self.maximumFieldBytes else { return text }
        let end = "…"
        var bytes = end.utf8.count
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > Self.maximumFieldBytes { break }
            scalars.append(scalar)
        }
        return String(scalars) + end
    }
}
