/// What a setting's value may be, how it is read from text and how its range is told.
enum SettingKind: Sendable {
    /// Text of so many bytes without control characters.
    case text(bytes: ClosedRange<Int>)
    /// A file or folder.
    case path
    /// `host:port`, `[v6]:port` or `unix:/path`.
    case address
    /// A number and a unit: `500ms`, `90s`, `15m`, `12h`, `30d`.
    case duration(ClosedRange<Duration>)
    /// The same, for what counts in seconds: a fraction is refused, not left out.
    case wholeSeconds(ClosedRange<Duration>)
    case integer(ClosedRange<Int>)
    case boolean
    case choice([String])
    /// Entries with commas between them; in a file also a list.
    case list

    /// - Returns: `nil` when the text is not of this kind or out of range.
    func value(_ text: String) -> SettingValue? {
        switch self {
        case .text(let bytes):
            guard bytes.contains(text.utf8.count), !text.unicodeScalars.contains(where: PlainText.isUnsafe)
            else { return nil }
            return .text(text)
        case .path:
            guard !text.isEmpty, !text.utf8.contains(0) else { return nil }
            return .text(text)
        case .address: return ListenAddress(text).map(SettingValue.address)
        case .duration(let range):
            guard let duration = Duration(setting: text), range.contains(duration) else { return nil }
            return .duration(duration)
        case .wholeSeconds(let range):
            guard case .duration(let duration) = SettingKind.duration(range).value(text),
                duration == .seconds(duration.components.seconds)
            else { return nil }
            return .duration(duration)
        case .integer(let range):
            guard let number = Int(text), range.contains(number) else { return nil }
            return .integer(number)
        case .boolean:
            switch text.lowercased() {
            case "true", "yes", "on", "1": return .boolean(true)
            case "false", "no", "off", "0": return .boolean(false)
            default: return nil
            }
        case .choice(let choices): return choices.contains(text) ? .text(text) : nil
        case .list:
            let entries = text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
            return .list(entries)
        }
    }

    /// What is allowed, in words that go on from "allowed:".
    var allowed: String {
        switch self {
        case .text(let bytes): "\(bytes.lowerBound) to \(bytes.upperBound) bytes without control characters"
        case .path: "a path"
        case .address: "host:port, [IPv6]:port or unix:/path, the port within 0 to 65535"
        case .duration(let range):
            "\(range.lowerBound.text) to \(range.upperBound.text), as in 500ms, 90s, 15m, 12h, 30d"
        case .wholeSeconds(let range):
            "\(range.lowerBound.text) to \(range.upperBound.text) in whole seconds, as in 90s, 15m"
        case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .boolean: "true or false"
        case .choice(let choices): choices.joined(separator: ", ")
        case .list: "entries with commas between them"
        }
    }

    /// The placeholder in help texts.
    var placeholder: String {
        switch self {
        case .text: "text"
        case .path: "path"
        case .address: "address"
        case .duration, .wholeSeconds: "duration"
        case .integer: "number"
        case .boolean: "true|false"
        case .choice(let choices): choices.joined(separator: "|")
        case .list: "a,b"
        }
    }
}

/// A value that has been read and found in range.
enum SettingValue: Sendable, Equatable {
    case text(String)
    case address(ListenAddress)
    case duration(Duration)
    case integer(Int)
    case boolean(Bool)
    case list([String])

    /// As a person would write it.
    var text: String {
        switch self {
        case .text(let text): text
        case .address(let address): address.description
        case .duration(let duration): duration.text
        case .integer(let number): String(number)
        case .boolean(let flag): String(flag)
        case .list(let entries): entries.joined(separator: ",")
        }
    }
}
