import SessionCore

/// Merges the sorted indexes of all partitions into one list, highest score first, from small pieces that are
/// asked for only when they are needed. Pure: whoever drives it does the reading.
struct MergedListing {
    /// A place in an index: a session and its score. Highest score first, then highest id, as Redis sorts.
    struct Entry: Hashable, Comparable {
        let score: Int64
        let id: SessionID

        static func < (lhs: Entry, rhs: Entry) -> Bool { (lhs.score, lhs.id) < (rhs.score, rhs.id) }
    }

    /// Ranks to be read, counted from the highest score.
    struct Request: Hashable {
        let partition: Partition
        let offset: Int
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
        /// Lowest first, so that taking from the front is cheap.
        var pending: [Entry] = []
        var last: Entry?
        var offset = 0
        var isExhausted = false
    }

    private let chunk: Int
    private var sources: [Source]
    /// Indexes of the sources that have something pending, lowest head first: the next entry comes from the
    /// end.
    private var order: [Int] = []
    /// Sources that must be read before anything can be said about what comes next.
    private var hungry: [Int]

    /// - Parameter chunk: how many entries are read of a partition at once.
    init(partitions: [Partition], chunk: Int) {
        self.chunk = max(1, chunk)
        self.sources = partitions.map { Source(partition: $0) }
        self.hungry = Array(self.sources.indices)
    }

    /// What to do next.
    mutating func next() -> Step {
        guard self.hungry.isEmpty else {
            return .need(
                self.hungry.map {
                    Request(
                        partition: self.sources[$0].partition,
                        offset: self.sources[$0].offset,
                        count: self.chunk
                    )
                }
            )
        }
        guard let index = self.order.popLast(), let entry = self.sources[index].pending.popLast() else {
            return .end
        }
        self.sources[index].last = entry
        if !self.sources[index].pending.isEmpty {
            self.insert(index)
        } else if !self.sources[index].isExhausted {
            self.hungry.append(index)
        }
        return .entry(entry)
    }

    /// Takes in what was read for a request. The index may have changed since the piece before: what is not
    /// below the last entry taken would be shown twice, so it is dropped.
    mutating func supply(_ request: Request, _ entries: [Entry]) {
        guard let place = self.hungry.firstIndex(where: { self.sources[$0].partition == request.partition })
        else { return }
        let index = self.hungry[place]
        self.sources[index].offset += entries.count
        self.sources[index].isExhausted = entries.count < request.count
        let last = self.sources[index].last
        self.sources[index].pending = entries.filter { entry in last.map { entry < $0 } ?? true }
            .sorted()
        // A piece of nothing but repetitions leaves the source hungry.
        guard !self.sources[index].pending.isEmpty || self.sources[index].isExhausted else { return }
        self.hungry.remove(at: place)
        if !self.sources[index].pending.isEmpty { self.insert(index) }
    }

    private mutating func insert(_ index: Int) {
        guard let head = self.sources[index].pending.last else { return }
        var low = 0
        var high = self.order.count
        while low < high {
            let middle = (low + high) / 2
            let other = self.sources[self.order[middle]].pending.last
            if let other, other < head { low = middle + 1 } else { high = middle }
        }
        self.order.insert(index, at: low)
    }
}
