import HTTPTypes

/// An answer as the bytes of HTTP/1.1, with room for the date.
package struct RawAnswer: Sendable, Equatable {
    /// The answer; the date's place is filled with 29 zeros.
    package let bytes: [UInt8]
    /// Where the 29 bytes of the date go.
    package let dateOffset: Int

    static let dateLength = 29

    /// Renders an answer. `Date` is the first header, so that its place depends on the status line only.
    init(status: HTTPResponse.Status, fields: HTTPFields, body: String = "", isHead: Bool = false) {
        var text = "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\nDate: "
        self.dateOffset = text.utf8.count
        text += String(repeating: "0", count: Self.dateLength) + "\r\n"
        for field in fields { text += "\(field.name.rawName): \(field.value)\r\n" }
        // RFC 9110 8.6: a 204 has no Content-Length; the answer to HEAD has that of GET.
        if status != .noContent { text += "Content-Length: \(body.utf8.count)\r\n" }
        text += "\r\n"
        if !isHead { text += body }
        self.bytes = Array(text.utf8)
    }
}
