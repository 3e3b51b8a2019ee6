import RedisClient
import SessionCore

/// Entries of a timeline, as the script takes them and as the stream holds them.
enum ActivityCodec {
    /// An entry as `activity_add` takes it.
    static func encode(_ entry: ActivityEntry) -> String {
        let at = entry.at.map { String($0.milliseconds) } ?? "-"
        let status = entry.status.map(String.init) ?? "-"
        let (method, act) =
            switch entry.act {
            case .request(let method, let path): (method ?? "-", path)
            case .action(let name): ("-", "=" + name)
            }
        return "\(at) \(status) \(entry.source.rawValue) \(method) \(act)"
    }

    /// Reads an element of XRANGE; `nil` for what is none of ours.
    static func decode(_ element: RedisValue) -> (place: ActivityPlace, entry: ActivityEntry)? {
        guard let parts = element.elements, parts.count == 2, let id = parts[0].string,
            let list = parts[1].elements
        else { return nil }
        let numbers = id.split(separator: "-").compactMap { Int64($0) }
        var fields: [String: String] = [:]
        for index in stride(from: 0, to: list.count - 1, by: 2) {
            fields[list[index].string ?? ""] = list[index + 1].string
        }
        guard numbers.count == 2, let at = fields["at"].flatMap({ Int64($0) }), let act = fields["ac"],
            let source = fields["by"].flatMap({ ActivityEntry.Source(rawValue: $0) })
        else { return nil }
        let method = fields["me"].flatMap { $0 == "-" ? nil : $0 }
        var entry = ActivityEntry(
            act.hasPrefix("=") ? .action(String(act.dropFirst())) : .request(method: method, path: act),
            at: Timestamp(milliseconds: at),
            status: fields["st"].flatMap { Int($0) }
        )
        entry.source = source
        return (ActivityPlace(at: at, recorded: numbers[0], number: numbers[1]), entry)
    }
}
