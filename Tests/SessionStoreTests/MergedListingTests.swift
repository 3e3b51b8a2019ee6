import SessionCore
import TestSupport
import Testing

@testable import SessionStore

@Suite struct MergedListingTests {
    private typealias Entry = MergedListing.Entry

    /// Drives a listing over fixed indexes; returns everything and how many entries were read.
    private static func drain(
        _ indexes: [Partition: [Entry]],
        chunk: Int,
        most: Int = .max,
        isAscending: Bool = false,
        after: Entry? = nil
    ) -> (entries: [Entry], read: Int) {
        var listing = MergedListing(
            partitions: indexes.keys.sorted(),
            chunk: chunk,
            isAscending: isAscending,
            after: after
        )
        var result: [Entry] = []
        var read = 0
        while result.count < most {
            switch listing.next() {
            case .end: return (result, read)
            case .entry(let entry): result.append(entry)
            case .need(let requests):
                for request in requests {
                    let piece = Self.piece(of: indexes[request.partition] ?? [], request, isAscending)
                    read += piece.count
                    listing.supply(request, piece)
                }
            }
        }
        return (result, read)
    }

    /// What Redis gives for a request: from the score on, that score included.
    private static func piece(
        of index: [Entry],
        _ request: MergedListing.Request,
        _ isAscending: Bool
    ) -> [Entry] {
        let ordered = isAscending ? index.sorted() : index.sorted(by: >)
        let rest = ordered.drop { entry in
            guard let after = request.after else { return false }
            return isAscending ? entry.score < after.score : entry.score > after.score
        }
        return Array(rest.prefix(request.count))
    }

    private static func indexes(_ generator: inout SeededGenerator) -> [Partition: [Entry]] {
        var result: [Partition: [Entry]] = [:]
        for partition in Partition.all.prefix(20) {
            result[partition] = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                Entry(
                    score: .random(in: 0..<100, using: &generator),
                    id: SessionID(partition: partition, value: .random(in: 0..<1_000_000, using: &generator))
                )
            }.sorted(by: >)
        }
        return result
    }

    @Test(arguments: [1, 2, 7, 1000])
    func isTheSortedWhole(chunk: Int) {
        var generator = SeededGenerator(seed: UInt64(chunk))
        for _ in 0..<20 {
            let indexes = Self.indexes(&generator)
            let sorted = indexes.values.flatMap { $0 }.sorted(by: >)
            #expect(Self.drain(indexes, chunk: chunk).entries == sorted)
            #expect(Self.drain(indexes, chunk: chunk, isAscending: true).entries == sorted.reversed())
            guard let middle = sorted.randomElement(using: &generator) else { continue }
            let below = sorted.filter { $0 < middle }
            #expect(Self.drain(indexes, chunk: chunk, after: middle).entries == below)
            let above = sorted.reversed().filter { $0 > middle }
            #expect(Self.drain(indexes, chunk: chunk, isAscending: true, after: middle).entries == above)
        }
    }

    @Test func manyOfOneScoreAreAllShown() throws {
        let partition = try #require(Partition(3))
        let index = (0..<50).map { number in
            Entry(score: 7, id: SessionID(partition: partition, value: UInt64(number)))
        }
        for isAscending in [false, true] {
            let (entries, _) = Self.drain([partition: index], chunk: 2, isAscending: isAscending)
            #expect(entries == (isAscending ? index : index.reversed()))
        }
    }

    @Test func readsLittleMoreThanIsAsked() {
        var generator = SeededGenerator(seed: 9)
        let indexes = Self.indexes(&generator)
        let (entries, read) = Self.drain(indexes, chunk: 4, most: 10)
        #expect(entries.count == 10)
        #expect(read <= 20 * 4 + 10 * 4)
    }

    /// Sessions that are there all the while are shown once, whatever comes and goes around them.
    @Test(arguments: [false, true])
    func nothingIsMissedOrShownTwiceWhileTheIndexChanges(isAscending: Bool) throws {
        let partition = try #require(Partition(0))
        func entry(_ score: Int64) -> Entry {
            Entry(score: score, id: SessionID(partition: partition, value: UInt64(score)))
        }
        var index = (0..<60).map { entry(5000 + Int64($0)) }
        let staying = Set(index.filter { $0.score % 3 == 0 })
        var listing = MergedListing(partitions: [partition], chunk: 2, isAscending: isAscending)
        var result: [Entry] = []
        var pieces = 0
        loop: while pieces < 1000 {
            switch listing.next() {
            case .end: break loop
            case .entry(let entry): result.append(entry)
            case .need(let requests):
                for request in requests {
                    listing.supply(request, Self.piece(of: index, request, isAscending))
                    pieces += 1
                    // Others end, and new ones come at both sides.
                    if let goes = index.first(where: { !staying.contains($0) }) {
                        index.removeAll { $0 == goes }
                    }
                    index.append(entry(6000 + Int64(pieces)))
                    index.append(entry(4000 - Int64(pieces)))
                    if pieces > 20 { index.removeAll { $0.score > 6000 || $0.score < 4000 } }
                }
            }
        }
        #expect(Set(result).count == result.count)
        #expect(result.filter { staying.contains($0) }.count == staying.count)
        #expect(result == (isAscending ? result.sorted() : result.sorted(by: >)))
    }
}
