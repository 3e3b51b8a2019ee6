package import SessionCore

/// How far the log has come: its chain, and how much of every event stream is in it. Redis holds it, in `relay`; the
/// node that relays has a copy, and writes only if it is still the same.
package struct RelayState: Sendable, Equatable {
    /// How far an event stream has been read.
    package struct Cursor: Sendable, Equatable {
        /// Of the event read last.
        package var position = "0-0"
        /// How many events there were up to and with that one, those that were lost included.
        package var read = 0

        package init(position: String = "0-0", read: Int = 0) {
            self.position = position
            self.read = read
        }

        /// As in Redis; empty before the first event.
        package var text: String { self == Cursor() ? "" : "\(self.position) \(self.read)" }

        /// Reads ``text``; nothing that can be read is the beginning.
        package init(text: String?) {
            let parts = (text ?? "").split(separator: " ")
            if parts.count == 2, AuditPosition(parts[0]) != nil, let read = Int(parts[1]) {
                self.init(position: String(parts[0]), read: read)
            } else {
                self.init()
            }
        }
    }

    package var chain: AuditChain
    package var cursors: [SourceStream: Cursor]

    package init(chain: AuditChain = AuditChain(), cursors: [SourceStream: Cursor] = [:]) {
        self.chain = chain
        self.cursors = cursors
    }

    package subscript(stream: SourceStream) -> Cursor {
        get { self.cursors[stream] ?? Cursor() }
        set { self.cursors[stream] = newValue }
    }
}

/// What a look at an event stream has found behind its cursor.
package struct StreamRead: Sendable {
    package let stream: SourceStream
    /// Events that had been let go of before they were read.
    package var lost = 0
    /// The stream is not the one that was read before; its events were counted anew.
    package var hasBegunAnew = false
    package var events: [StreamEvent]

    package init(_ stream: SourceStream, lost: Int = 0, hasBegunAnew: Bool = false, events: [StreamEvent]) {
        self.stream = stream
        self.lost = lost
        self.hasBegunAnew = hasBegunAnew
        self.events = events
    }
}

/// A few entries for the log that are appended together, or not at all.
package struct RelayBatch: Sendable, Equatable {
    /// Before and after it.
    package let before: RelayState
    package var after: RelayState
    package var links: [AuditChain.Link] = []
    package var streams: Set<SourceStream> = []
    /// By minutes since 1970.
    package var rates: [Int64: MinuteRate] = [:]
    /// When the first of its events happened.
    package var oldest: Timestamp?

    /// The most entries: a script of them takes Redis one or two milliseconds.
    package static let size = 200

    package init(after state: RelayState) {
        self.before = state
        self.after = state
    }

    /// Makes batches of what was found, in the order in which it happened as far as the streams' clocks tell it.
    package static func batches(of reads: [StreamRead], after state: RelayState) -> [RelayBatch] {
        var steps: [Step] = []
        for (order, read) in reads.enumerated() {
            steps += Self.steps(read, state[read.stream], order)
        }
        steps.sort { ($0.place, $0.order, $0.index) < ($1.place, $1.order, $1.index) }
        var batches: [RelayBatch] = []
        var batch = RelayBatch(after: state)
        for step in steps {
            if batch.links.count == Self.size {
                batches.append(batch)
                batch = RelayBatch(after: batch.after)
            }
            batch.take(step)
        }
        if !batch.links.isEmpty { batches.append(batch) }
        return batches
    }

    private struct Step {
        let record: AuditRecord
        let stream: SourceStream
        let cursor: RelayState.Cursor
        let place: AuditPosition
        /// Of the stream, and within it: a stream's own order is never changed.
        let order: Int
        let index: Int
    }

    private static func steps(_ read: StreamRead, _ start: RelayState.Cursor, _ order: Int) -> [Step] {
        guard let first = read.events.first else { return [] }
        var cursor = start
        if read.hasBegunAnew { cursor.read = 0 }
        var steps: [Step] = []
        func step(_ record: AuditRecord, _ position: String) {
            let place = AuditPosition(position) ?? AuditPosition(milliseconds: 0, sequence: 0)
            steps.append(
                Step(
                    record: record,
                    stream: read.stream,
                    cursor: cursor,
                    place: place,
                    order: order,
                    index: steps.count
                )
            )
        }
        if read.lost > 0 || read.hasBegunAnew {
            cursor.read += read.lost
            var gap = AuditRecord(
                at: first.record.at,
                source: "\(read.stream):\(cursor.position)",
                kind: EventKind.gap.rawValue
            )
            gap.count = read.lost
            gap.reason =
                read.hasBegunAnew
                ? "the event stream began anew" : "let go of before they were read"
            step(gap, first.position)
        }
        for event in read.events {
            cursor.position = event.position
            cursor.read += 1
            step(event.record, event.position)
        }
        return steps
    }

    private mutating func take(_ step: Step) {
        self.links.append(self.after.chain.append(step.record))
        self.after[step.stream] = step.cursor
        self.streams.insert(step.stream)
        let at = step.record.at
        self.oldest = min(self.oldest ?? at, at)
        guard let rate = EventKind(rawValue: step.record.kind)?.rate else { return }
        let minute = at.milliseconds / MinuteRate.length
        let start = Timestamp(milliseconds: minute * MinuteRate.length)
        var sums = self.rates[minute] ?? MinuteRate(minute: start)
        switch rate {
        case .login: sums.logins += 1
        case .revocation: sums.revocations += 1
        case .expiry: sums.expiries += 1
        case .refusal: sums.refusals += step.record.count
        }
        self.rates[minute] = sums
    }
}
