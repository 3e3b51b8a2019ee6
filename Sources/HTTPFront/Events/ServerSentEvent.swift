#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes the event stream format (WHATWG HTML, 9.2.6 "Interpreting an event stream").
enum ServerSentEvent {
    /// One event. An event without data only moves the position that a browser comes back with.
    /// - Parameters:
    ///   - id: left out if it has a line break or NUL, with which browsers would ignore it.
    ///   - kind: the same for line breaks, which would end the field.
    static func text(id: String? = nil, kind: String? = nil, data: String? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        if let id, !id.utf8.contains(where: { $0 == 0 || Self.isBreak($0) }) {
            bytes += "id: \(id)\n".utf8
        }
        if let kind, !kind.utf8.contains(where: Self.isBreak) { bytes += "event: \(kind)\n".utf8 }
        if let data { Self.add(data, to: &bytes) }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// How long a browser waits before it comes back.
    static func retry(_ pause: Duration) -> [UInt8] {
        let (seconds, attoseconds) = pause.components
        return Array("retry: \(seconds * 1000 + attoseconds / 1_000_000_000_000_000)\n".utf8)
    }

    /// What nobody is told, to keep the connection alive.
    static func comment(_ text: String) -> [UInt8] {
        [UInt8(ascii: ":"), UInt8(ascii: " ")] + text.utf8.filter { !Self.isBreak($0) } + [UInt8(ascii: "\n")]
    }

    /// A field for each line: LF, CR, and CR LF each end one.
    private static func add(_ data: String, to bytes: inout [UInt8]) {
        bytes += "data: ".utf8
        var previous: UInt8 = 0
        for byte in data.utf8 {
            switch byte {
            case UInt8(ascii: "\n") where previous == UInt8(ascii: "\r"): break
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): bytes += "\ndata: ".utf8
            default: bytes.append(byte)
            }
            previous = byte
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func isBreak(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }
}

/// JSON on one line: the encoder escapes every control character.
enum EventText {
    static func json(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Encoding fails only for numbers that are not finite; our types have none.
        return String(decoding: (try? encoder.encode(value)) ?? Data(), as: UTF8.self)
    }
}
