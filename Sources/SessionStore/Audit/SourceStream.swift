package import RedisClient
package import SessionCore

/// One of the streams that state changes write their events to.
package enum SourceStream: Hashable, Sendable, CustomStringConvertible {
    /// That of a partition.
    case partition(Partition)
    /// What concerns all partitions.
    case global
    /// Refused attempts.
    case refusals

    /// All of them.
    package static let all: [SourceStream] = Partition.all.map { .partition($0) } + [.global, .refusals]

    /// Its field in `relay`, and what sources in the log begin with.
    package var description: String {
        switch self {
        case .partition(let partition): String(partition.index)
        case .global: "g"
        case .refusals: "rf"
        }
    }
}

extension Keys {
    package func events(_ stream: SourceStream) -> RedisKey {
        switch stream {
        case .partition(let partition): self.events(partition)
        case .global: self.globalEvents
        case .refusals: self.refusals
        }
    }
}

/// An entry of an event stream.
package struct StreamEvent: Sendable, Equatable {
    /// The stream's own id; ask for what comes after it.
    package let position: String
    /// What happened, as the log will have it.
    package let record: AuditRecord

    package init(position: String, record: AuditRecord) {
        self.position = position
        self.record = record
    }
}

extension RedisSessionStore {
    /// Reads the answer of a range over an event stream.
    func events(in value: RedisValue, of stream: SourceStream) throws(StoreError) -> [StreamEvent] {
        var events: [StreamEvent] = []
        for entry in try value.answer(of: "XRANGE") {
            guard let parts = entry.elements, parts.count == 2, let id = parts[0].string,
                let position = AuditPosition(id), let list = parts[1].elements
            else { throw .corrupt("\(self.keys.events(stream))") }
            var fields: [String: String] = [:]
            for index in stride(from: 0, to: list.count - 1, by: 2) {
                fields[list[index].string ?? ""] = list[index + 1].string
            }
            let session = fields["sid"].flatMap { text in
                switch stream {
                case .partition(let partition): SessionID(partition: partition, key: text)
                case .global, .refusals: SessionID(text)
                }
            }
            var record = AuditRecord(
                at: Timestamp(milliseconds: Int64(clamping: position.milliseconds)),
                source: "\(stream):\(id)",
                kind: fields["type"] ?? ""
            )
            record.session = session?.description ?? ""
            record.user = fields["user"] ?? ""
            record.organization = fields["org"] ?? ""
            record.actor = fields["actor"] ?? ""
            record.reason = fields["reason"] ?? ""
            record.from = fields["from"] ?? ""
            record.call = fields["call"] ?? ""
            record.code = fields["code"] ?? ""
            record.count = fields["count"].flatMap { Int($0) } ?? 1
            events.append(StreamEvent(position: id, record: record))
        }
        return events
    }
}
