package import RedisClient
package import SessionCore

/// One of the streams that state changes write their events to.
package enum EventStream: Hashable, Sendable, CustomStringConvertible {
    /// That of a partition.
    case partition(Partition)
    /// What concerns all partitions.
    case global

    /// All of them.
    package static let all: [EventStream] = Partition.all.map { .partition($0) } + [.global]

    /// The hash tag of its key; its field in `relay`.
    package var description: String {
        switch self {
        case .partition(let partition): String(partition.index)
        case .global: "g"
        }
    }
}

extension Keys {
    package func events(_ stream: EventStream) -> RedisKey {
        switch stream {
        case .partition(let partition): self.events(partition)
        case .global: self.globalEvents
        }
    }
}

extension RedisSessionStore {
    /// Reads the answer of a range over an event stream.
    func events(in value: RedisValue, of stream: EventStream) throws(StoreError) -> [StoreEvent] {
        var events: [StoreEvent] = []
        for entry in try value.answer(of: "XRANGE") {
            guard let parts = entry.elements, parts.count == 2, let id = parts[0].string,
                let position = LogPosition(id), let list = parts[1].elements
            else { throw .corrupt("\(self.keys.events(stream))") }
            var fields: [String: String] = [:]
            for index in stride(from: 0, to: list.count - 1, by: 2) {
                fields[list[index].string ?? ""] = list[index + 1].string
            }
            let session = fields["sid"].flatMap { text in
                switch stream {
                case .partition(let partition): SessionID(partition: partition, key: text)
                case .global: SessionID(text)
                }
            }
            events.append(
                StoreEvent(
                    position: id,
                    at: Timestamp(milliseconds: Int64(clamping: position.milliseconds)),
                    type: fields["type"] ?? "",
                    session: session,
                    user: fields["user"] ?? "",
                    organization: fields["org"] ?? "",
                    actor: fields["actor"] ?? "",
                    reason: fields["reason"] ?? "",
                    from: fields["from"] ?? "",
                    call: fields["call"] ?? "",
                    code: fields["code"] ?? "",
                    count: fields["count"].flatMap { Int($0) } ?? 1
                )
            )
        }
        return events
    }
}
