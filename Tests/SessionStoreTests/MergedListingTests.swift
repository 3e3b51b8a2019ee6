import SessionCore
import Testing

@testable import SessionStore

@Suite struct MergedListingTests {
    private typealias Entry = MergedListing.Entry

    /// Drives a listing over fixed indexes; returns everything and how many entries were read.
    private static func drain(
        _ indexes: [Partition: [Entry]],
        chunk: Int,
        most: Int = .max
    ) -> (entries: [Entry], read: Int) {
        var listing = MergedListing(partitions: indexes.keys.sorted(), chunk: chunk)
        var result: [Entry] = []
        var read = 0
        while result.count < most {
            switch listing.next() {
            case .end: return (result, read)
            case .entry(let entry): result.append(entry)
            case .need(let requests):
                for request in requests {
                    let index = indexes[request.partition] ?? []
                    let piece = Array(index.dropFirst(request.offset).prefix(request.count))
                    read += piece.count
                    listing.supply(request, piece)
                }
            }
        }
        return (result, read)
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
        }
    }

    @Test func readsLittleMoreThanIsAsked() {
        var generator = SeededGenerator(seed: 9)
        let indexes = Self.indexes(&generator)
        let (entries, read) = Self.drain(indexes, chunk: 4, most: 10)
        #expect(entries.count == 10)
        #expect(read <= 20 * 4 + 10 * 4)
    }

    @Test func nothingIsShownTwiceWhenAnIndexGrows() throws {
        let partition = try #require(Partition(0))
        func entry(_ score: Int64) -> Entry {
            Entry(score: score, id: SessionID(partition: partition, value: UInt64(score)))
        }
        var index = (0..<6).map { entry(10 - $0) }
        var listing = MergedListing(partitions: [partition], chunk: 2)
        var result: [Int64] = []
        var rounds = 0
        loop: while rounds < 100 {
            rounds += 1
            switch listing.next() {
            case .end: break loop
            case .entry(let entry): result.append(entry.score)
            case .need(let requests):
                for request in requests {
                    listing.supply(request, Array(index.dropFirst(request.offset).prefix(request.count)))
                }
                // Two new sessions before every further piece push the others back.
                if rounds < 6 {
                    index.insert(
                        contentsOf: [entry(Int64(100 + 2 * rounds)), entry(Int64(99 + 2 * rounds))],
                        at: 0
                    )
                }
            }
        }
        #expect(result == [10, 9, 8, 7, 6, 5])
    }
}
