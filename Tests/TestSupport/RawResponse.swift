import Foundation

/// A response as it came over the wire.
package struct RawResponse: Sendable, Equatable, CustomStringConvertible {
    /// The status code; -1 for bytes that belong to no response.
    package var status: Int
    /// The first line.
    package var statusLine: String
    /// Names in lower case, in alphabetical order, without `Date`.
    package var headers: [String]
    /// The body, without its chunks' framing.
    package var body: String

    /// Puts a response together.
    package init(status: Int, statusLine: String = "", headers: [String], body: String) {
        self.status = status
        self.statusLine = statusLine
        self.headers = headers
        self.body = body
    }

    /// The first value of a header.
    package subscript(name: String) -> String? {
        self.headers.first { $0.hasPrefix(name.lowercased() + ": ") }.map {
            String($0.dropFirst(name.count + 2))
        }
    }

    package var description: String {
        ([self.statusLine] + self.headers + [self.body]).joined(separator: "\n")
    }

    /// Takes responses apart. A body is there when it is announced and what follows is no status line: the
    /// answers to HEAD announce one and have none.
    package static func parse(_ bytes: [UInt8]) -> [RawResponse] {
        var responses: [RawResponse] = []
        var rest = bytes[...]
        while let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) {
            let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).components(by: "\r\n")
            rest = rest[end.upperBound...]
            var response = RawResponse(
                status: lines.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0,
                statusLine: lines.first ?? "",
                headers: lines.dropFirst().map { line in
                    let parts = line.split(separator: ":", maxSplits: 1)
                    return parts.first.map { $0.lowercased() + ":" + (parts.dropFirst().first ?? "") } ?? line
                }.filter { !$0.hasPrefix("date:") }.sorted(),
                body: ""
            )
            let length = response["content-length"].flatMap { Int($0) } ?? 0
            if length > 0, !rest.starts(with: "HTTP/1.1 ".utf8) {
                response.body = String(decoding: rest.prefix(length), as: UTF8.self)
                rest = rest.dropFirst(length)
            } else if response["transfer-encoding"] == "chunked" {
                response.body = Self.unchunked(&rest)
            }
            responses.append(response)
        }
        if !rest.isEmpty {
            let left = String(decoding: rest, as: UTF8.self)
            responses.append(RawResponse(status: -1, statusLine: "left over", headers: [], body: left))
        }
        return responses
    }

    /// Takes a body in chunks (RFC 9112 7.1), as far as it has come.
    private static func unchunked(_ rest: inout ArraySlice<UInt8>) -> String {
        var body: [UInt8] = []
        let newLine = Array("\r\n".utf8)
        while let end = rest.firstRange(of: newLine),
            let size = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16)
        {
            rest = rest[end.upperBound...]
            body += rest.prefix(size)
            rest = rest.dropFirst(size + newLine.count)
            if size == 0 { break }
        }
        return String(decoding: body, as: UTF8.self)
    }
}

extension String {
    /// The parts between separators. `"\r\n"` is one Character, so splitting goes by bytes.
    fileprivate func components(by separator: String) -> [String] {
        var parts: [String] = []
        var rest = Array(self.utf8)[...]
        let mark = Array(separator.utf8)
        while let range = rest.firstRange(of: mark) {
            parts.append(String(decoding: rest[..<range.lowerBound], as: UTF8.self))
            rest = rest[range.upperBound...]
        }
        parts.append(String(decoding: rest, as: UTF8.self))
        return parts
    }
}
