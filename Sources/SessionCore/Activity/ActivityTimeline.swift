/// An entry's place in the timeline of its session: when it was, and when it was recorded, which no two share.
public struct ActivityPlace: Sendable, Hashable, Comparable {
    /// When it was, in milliseconds.
    package let at: Int64
    /// When it was recorded, in milliseconds, and which of that millisecond's.
    package let recorded: Int64
    package let number: Int64

    package init(at: Int64, recorded: Int64, number: Int64) {
        self.at = at
        self.recorded = recorded
        self.number = number
    }

    /// Reads ``text``; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            (1...16).contains(part.utf8.count)
                && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                ? Int64(part) : nil
        }
        guard parts.count == 3, numbers.count == 3 else { return nil }
        self.init(at: numbers[0], recorded: numbers[1], number: numbers[2])
    }

    /// Three numbers with hyphens between them; to be read back with ``init(_:)`` only.
    public var text: String { "\(self.at)-\(self.recorded)-\(self.number)" }

    public static func < (lhs: ActivityPlace, rhs: ActivityPlace) -> Bool {
        (lhs.at, lhs.recorded, lhs.number) < (rhs.at, rhs.recorded, rhs.number)
    }
}

/// A part of a session's timeline, last first.
public struct ActivityPage: Sendable, Equatable {
    /// The entries; each has its time.
    public let entries: [ActivityEntry]
    /// Where the next page begins; `nil` at the end.
    public let next: ActivityPlace?

    /// Takes a page out of a timeline, whatever its order: what an application tells of may come late.
    package init(
        _ timeline: [(place: ActivityPlace, entry: ActivityEntry)],
        after place: ActivityPlace?,
        limit: Int
    ) {
        let rest = timeline.filter { entry in place.map { entry.place < $0 } ?? true }
            .sorted { $0.place > $1.place }
        let page = rest.prefix(max(0, limit))
        self.entries = page.map(\.entry)
        self.next = rest.count > page.count ? page.last?.place : nil
    }
}
