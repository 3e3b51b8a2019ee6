import Foundation

/// Listens to `GET /api/events`, as the WHATWG HTML standard reads an event stream (9.2.6).
package final class EventStreamClient {
    /// An event that would be dispatched.
    package struct Event: Sendable, Equatable {
        /// The last event id when it was dispatched.
        package let id: String
        package let kind: String
        package let data: String
    }

    private let connection: RawConnection
    private var raw: [UInt8] = []
    private var text: [UInt8] = []
    private var fields: (kind: String, data: [String]) = ("", [])
    /// The status line and the headers, once they are there.
    package private(set) var head: String?
    /// All events so far.
    package private(set) var events: [Event] = []
    /// What a browser would send as Last-Event-ID when it comes back.
    package private(set) var lastEventID = ""
    /// Comments so far.
    package private(set) var comments = 0
    /// What `retry:` said.
    package private(set) var retry: Int?
    /// Whether the answer has ended as it should, with its last chunk.
    package private(set) var isComplete = false
    /// Whether the connection is closed.
    package private(set) var isClosed = false

    /// The status of the answer.
    package var status: Int? { head.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } }

    /// Connects and sends the request.
    package init(
        port: Int,
        query: String = "",
        headers: [(String, String)],
        lastEventID: String? = nil
    ) throws {
        connection = try RawConnection(port: port)
        self.lastEventID = lastEventID ?? ""
        var request = "GET /api/events\(query) HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
        for (name, value) in headers { request += "\(name): \(value)\r\n" }
        if let lastEventID { request += "Last-Event-ID: \(lastEventID)\r\n" }
        connection.write(request + "\r\n")
    }

    /// Reads until `isEnough`, the end, or the limit.
    /// - Returns: whether it was enough.
    @discardableResult
    package func read(within limit: Duration = .seconds(30), until isEnough: (EventStreamClient) -> Bool)
        async -> Bool
    {
        let deadline = ContinuousClock.now + limit
        while !isEnough(self) {
            guard !isClosed, ContinuousClock.now < deadline else { return false }
            let (bytes, closed) = await connection.read(within: .milliseconds(20)) { !$0.isEmpty }
            raw += bytes
            isClosed = closed
            digest()
        }
        return true
    }

    /// Reads the answer's head.
    package func open() async -> Int? {
        await read { $0.head != nil }
        return status
    }

    private func digest() {
        if head == nil, let end = raw.firstRange(of: Array("\r\n\r\n".utf8)) {
            head = String(decoding: raw[..<end.lowerBound], as: UTF8.self)
            raw.removeSubrange(..<end.upperBound)
        }
        guard head != nil else { return }
        unchunk()
        while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
            line(String(decoding: text[..<end], as: UTF8.self))
            text.removeSubrange(...end)
        }
    }

    /// RFC 9112 7.1.
    private func unchunk() {
        while let end = raw.firstRange(of: Array("\r\n".utf8)) {
            guard let size = Int(String(decoding: raw[..<end.lowerBound], as: UTF8.self), radix: 16) else {
                return
            }
            guard raw.count >= end.upperBound + size + 2 else { return }
            if size == 0 { isComplete = true }
            text += raw[end.upperBound..<(end.upperBound + size)]
            raw.removeSubrange(..<(end.upperBound + size + 2))
        }
    }

    private func line(_ line: String) {
        if line.isEmpty {
            if !fields.data.isEmpty {
                events.append(
                    Event(
                        id: lastEventID,
                        kind: fields.kind.isEmpty ? "message" : fields.kind,
                        data: fields.data.joined(separator: "\n")
                    )
                )
            }
            fields = ("", [])
            return
        }
        if line.hasPrefix(":") {
            comments += 1
            return
        }
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count > 1 ? String(parts[1].hasPrefix(" ") ? parts[1].dropFirst() : parts[1]) : ""
        switch parts[0] {
        case "id": lastEventID = value
        case "event": fields.kind = value
        case "data": fields.data.append(value)
        case "retry": retry = Int(value)
        default: break
        }
    }
}
