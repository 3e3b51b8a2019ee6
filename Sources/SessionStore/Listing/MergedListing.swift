import SessionCore

/// Merges the sorted indexes of several partitions into one list, newest or oldest first, from small pieces that are
/// asked for only when they are needed. Pure: whoever drives it does the reading.
///
/// A piece begins where the one before ended, by score and id and not by rank: ranks shift when sessions come and
/// go, places do not.
struct MergedListing {
    /// A place in an index. Redis sorts by score, then by id.
    typealias Entry = ListCursor.Place

    /// Entries to be read: from the score of `after` on (that score included), in the list's order.
    struct Request: Hashable {
        let partition: Partition
        let after: Entry?
        let count: Int
    }

    enum Step: Equatable {
        /// Read these and ``MergedListing/supply(_:_:)`` them before asking again.
        case need([Request])
        case entry(Entry)
        case end
    }

    private struct Source {
        let partition: Partition
        /// The next one last, so that taking it is cheap.
        var pending: [Entry] = []
        /// The furthest that was read.
        var read: Entry?
        /// How many to read at once.
        var chunk: Int
        var isExhausted = false

        /// Whether reading more now saves a round trip soon.
        var isThirsty: Bool { !self.isExhausted && self.pending.count <= self.chunk / 8 }
    }

    /// 256 pieces of this length are half a megabyte: more would keep the connection from the checks for too long.
    static let largestChunk = 64

    private let isAscending: Bool
    private var sources: [Source]
    private let places: [Partition: Int]
    /// Indexes of the sources that have something pending; the next entry is that of the last one.
    private var order: [Int] = []
    /// Sources that must be read before anything can be said about what comes next.
    private var hungry: Set<Int>

    /// - Parameters:
    ///   - chunk: how many entries are read of a partition at first; twice as many each time after.
    ///   - after: begins behind this place.
    init(partitions: [Partition], chunk: Int, isAscending: Bool = false, after: Entry? = nil) {
        self.isAscending = isAscending
        self.sources = partitions.map { Source(partition: $0, read: after, chunk: max(1, chunk)) }
        self.places = Dictionary(zip(partitions, partitions.indices)) { first, _ in first }
        self.hungry = Set(partitions.indices)
    }

    /// What to do next.
    mutating func next() -> Step {
        guard self.hungry.isEmpty else {
            // Those that will be hungry soon are read along: one round trip instead of many.
            return .need(
                self.sources.filter(\.isThirsty).map {
                    Request(partition: $0.partition, after: $0.read, count: $0.chunk)
                }
            )
        }
        guard let index = self.order.popLast(), let entry = self.sources[index].pending.popLast() else {
            return .end
        }
        if !self.sources[index].pending.isEmpty {
            self.insert(index)
        } else if !self.sources[index].isExhausted {
            self.hungry.insert(index)
        }
        return .entry(entry)
    }

    /// Takes in what was read for a request. What is not behind what was read before was there already, for the
    /// piece begins with the whole of its first score.
    mutating func supply(_ request: Request, _ entries: [Entry]) {
        guard let index = self.places[request.partition] else { return }
        let read = self.sources[index].read
        let fresh = entries.filter { entry in read.map { self.isBefore($0, entry) } ?? true }
            .sorted { self.isBefore($1, $0) }
        let wasEmpty = self.sources[index].pending.isEmpty
        self.sources[index].isExhausted = entries.count < request.count
        self.sources[index].read = fresh.first ?? read
        self.sources[index].pending = fresh + self.sources[index].pending
        // A piece of one score that is known already says nothing: twice as much is read from the same place.
        self.sources[index].chunk =
            fresh.isEmpty ? 2 * request.count : max(request.count, min(2 * request.count, Self.largestChunk))
        if self.sources[index].pending.isEmpty {
            if self.sources[index].isExhausted { self.hungry.remove(index) }
        } else if wasEmpty {
            self.hungry.remove(index)
            self.insert(index)
        }
    }

    private func isBefore(_ first: Entry, _ second: Entry) -> Bool {
        self.isAscending ? first < second : second < first
    }

    private mutating func insert(_ index: Int) {
        guard let head = self.sources[index].pending.last else { return }
        var low = 0
        var high = self.order.count
        while low < high {
            let middle = (low + high) / 2
            let other = self.sources[self.order[middle]].pending.last
            if let other, self.isBefore(head, other) { low = middle + 1 } else { high = middle }
        }
        self.order.insert(index, at: low)
    }
}
