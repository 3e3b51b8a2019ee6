import SessionCore
import Testing

@Suite struct EventFanoutTests {
    private static func position(_ number: Int) -> AuditPosition {
        AuditPosition(milliseconds: UInt64(1000 + number / 3), sequence: UInt64(number % 3))
    }

    private static func item(_ number: Int, kind: EventKind = .created, user: String = "u") -> FeedItem {
        FeedItem(
            AuditEntry(
                position: Self.position(number),
                at: Timestamp(milliseconds: Int64(number)),
                kind: kind.rawValue,
                user: user,
                organization: number % 2 == 0 ? "acme" : ""
            )
        )
    }

    /// The numbers of the entries among the events; gaps are 0.
    private static func numbers(_ taken: EventFanout.Taken) -> [Int]? {
        guard case .events(let events, _) = taken else { return nil }
        return events.map { if case .entry(let item) = $0 { Int(item.entry.at.milliseconds) } else { 0 } }
    }

    @Test func everyListenerHearsWhatItWantsOnceAndInOrder() throws {
        let fanout = Fanout(capacity: 10)
        var acme = EventFilter()
        acme.organizations = [Array("acme".utf8)]
        #expect(fanout.attach(1, at: Self.position(0), filter: EventFilter()))
        #expect(fanout.attach(2, at: Self.position(0), filter: acme))
        let page = (1...4).map { Self.item($0) }
        #expect(fanout.publish(page, after: Self.position(0)) == [1, 2])
        // The same page once more, and one that overlaps.
        #expect(fanout.publish(page, after: Self.position(0)).isEmpty)
        #expect(fanout.publish(try (3...5).map { Self.item($0) }, after: Self.position(2)) == [1])
        #expect(Self.numbers(fanout.take(1)) == [1, 2, 3, 4, 5])
        #expect(Self.numbers(fanout.take(2)) == [2, 4])
        guard case .events(let none, let end) = fanout.take(2) else { return #expect(Bool(false)) }
        #expect(none.isEmpty && end == Self.position(5), "what was not wanted is passed, too")
        #expect(!fanout.isDue(1) && fanout.isDue(99))
    }

    @Test func whoIsFurtherBackReadsByItself() throws {
        let fanout = Fanout(capacity: 10)
        #expect(fanout.attach(1, at: Self.position(2), filter: EventFilter()))
        _ = fanout.publish([Self.item(3)], after: Self.position(2))
        #expect(!fanout.attach(2, at: Self.position(2), filter: EventFilter()))
        #expect(fanout.attach(2, at: Self.position(3), filter: EventFilter()))
        // One that has read further than the reader hears of nothing twice.
        #expect(fanout.attach(3, at: Self.position(5), filter: EventFilter()))
        _ = fanout.publish((4...6).map { Self.item($0) }, after: Self.position(3))
        #expect(Self.numbers(fanout.take(1)) == [3, 4, 5, 6])
        #expect(Self.numbers(fanout.take(2)) == [4, 5, 6])
        #expect(Self.numbers(fanout.take(3)) == [6])
    }

    @Test func whoDoesNotKeepUpIsCutOffAloneAndMemoryIsBounded() throws {
        let fanout = Fanout(capacity: 3)
        _ = fanout.attach(1, at: Self.position(0), filter: EventFilter())
        _ = fanout.attach(2, at: Self.position(0), filter: EventFilter())
        for number in 1...3 { _ = fanout.publish([Self.item(number)], after: Self.position(number - 1)) }
        #expect(!fanout.hasRoom(for: 1))
        #expect(Self.numbers(fanout.take(2)) == [1, 2, 3])
        #expect(fanout.publish([Self.item(4)], after: Self.position(3)) == [1, 2])
        #expect(Self.numbers(fanout.take(1)) == nil && fanout.cutOff == 1 && !fanout.isAttached(1))
        #expect(Self.numbers(fanout.take(2)) == [4])
        // The last one goes: the reader rests.
        _ = fanout.publish((5...9).map { Self.item($0) }, after: Self.position(4))
        #expect(fanout.last == nil && fanout.count == 0 && fanout.cutOff == 2)
    }

    @Test func anAnswerToAnOldQuestionIsPassedOver() throws {
        let fanout = Fanout(capacity: 3)
        _ = fanout.attach(1, at: Self.position(9), filter: EventFilter())
        fanout.detach(1)
        #expect(fanout.last == nil)
        _ = fanout.attach(2, at: Self.position(4), filter: EventFilter())
        // The reader had asked from 9 on: 5 to 9 are not in the answer.
        #expect(fanout.publish([Self.item(10)], after: Self.position(9)).isEmpty)
        _ = fanout.publish((5...6).map { Self.item($0) }, after: Self.position(4))
        #expect(Self.numbers(fanout.take(2)) == [5, 6])
    }

    @Test func whatIsMissingIsToldToEverybody() throws {
        let fanout = Fanout(capacity: 5)
        var never = EventFilter()
        never.user = "nobody"
        _ = fanout.attach(1, at: Self.position(8), filter: EventFilter())
        _ = fanout.attach(2, at: Self.position(8), filter: never)
        #expect(fanout.jump(from: Self.position(7), to: Self.position(5)).isEmpty, "the reader is elsewhere")
        #expect(fanout.jump(from: Self.position(8), to: Self.position(5)) == [1, 2])
        _ = fanout.publish(
            [Self.item(6), Self.item(7, kind: .gap)],
            after: Self.position(5)
        )
        #expect(Self.numbers(fanout.take(1)) == [0, 6, 7])
        // An entry that says that something is missing passes every filter.
        #expect(Self.numbers(fanout.take(2)) == [0, 7])
    }

    /// Readers and listeners at random: whoever is not cut off has read every entry exactly once, in order.
    @Test func nothingIsLostAndNothingComesTwice() throws {
        let items = (1...400).map { Self.item($0) }
        for seed in 1...60 {
            var random = SplitMix(state: UInt64(seed))
            let fanout = Fanout(capacity: 20)
            var heard: [EventFanout.ID: [Int]] = [:]
            var reading: [EventFanout.ID: Int] = [:]
            var started: [EventFanout.ID: Int] = [:]
            var written = 0
            var nextID: EventFanout.ID = 1
            func read(_ from: Int, _ count: Int) -> [FeedItem] {
                Array(items[from..<min(from + count, written)])
            }
            func number(_ position: AuditPosition) -> Int {
                items.firstIndex { $0.position == position }.map { $0 + 1 } ?? 0
            }
            for _ in 0..<600 {
                switch random.next(below: 6) {
                case 0: written = min(items.count, written + random.next(below: 4))
                case 1:
                    let start = random.next(below: written + 1)
                    (started[nextID], reading[nextID], heard[nextID]) = (start, start, [])
                    nextID += 1
                case 2:
                    // A page read by itself; then it joins if it may.
                    guard let (id, at) = reading.min(by: { $0.key < $1.key }) else { break }
                    let page = read(at, 5)
                    heard[id]?.append(contentsOf: page.map { number($0.position) })
                    let position =
                        at + page.count == 0 ? AuditPosition.start : items[at + page.count - 1].position
                    reading[id] = at + page.count
                    if page.count < 5, fanout.attach(id, at: position, filter: EventFilter()) {
                        reading[id] = nil
                    }
                case 3, 4:
                    guard let last = fanout.last else { break }
                    _ = fanout.publish(read(number(last), 7), after: last)
                default:
                    guard
                        let id = heard.keys.filter({ reading[$0] == nil }).min(by: { _, _ in
                            random.next(below: 2) == 0
                        })
                    else { break }
                    if let new = Self.numbers(fanout.take(id)) {
                        heard[id]?.append(contentsOf: new)
                    } else {
                        // Cut off: it begins again after what it heard last.
                        let at = heard[id]?.last ?? started[id] ?? 0
                        reading[id] = at
                    }
                }
            }
            for (id, numbers) in heard {
                let start = started[id] ?? 0
                #expect(
                    numbers == Array((start + 1)..<(start + 1 + numbers.count)),
                    "seed \(seed), listener \(id)"
                )
            }
        }
    }

    @Test func positionsAreReadAsRedisWritesThem() {
        #expect(AuditPosition("1763731200000-7")?.description == "1763731200000-7")
        for wrong in ["", "1", "-1-0", "1-", "1-2-3", "+1-0", "1-0 ", "184467440737095516160-0", "a-b"] {
            #expect(AuditPosition(wrong) == nil, "\(wrong)")
        }
        #expect(AuditPosition(milliseconds: 9, sequence: 10) > AuditPosition(milliseconds: 9, sequence: 9))
        #expect(AuditPosition.start < AuditPosition(milliseconds: 0, sequence: 1))
    }
}

/// Small and seeded.
private struct SplitMix {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(max(1, bound)))
    }
}

/// A fan-out that expectations can change.
private final class Fanout {
    private var value: EventFanout

    init(capacity: Int) { self.value = EventFanout(capacity: capacity) }

    var last: AuditPosition? { self.value.last }
    var count: Int { self.value.count }
    var cutOff: Int { self.value.cutOff }
    func hasRoom(for count: Int) -> Bool { self.value.hasRoom(for: count) }
    func isDue(_ id: EventFanout.ID) -> Bool { self.value.isDue(id) }
    func isAttached(_ id: EventFanout.ID) -> Bool { self.value.isAttached(id) }
    func detach(_ id: EventFanout.ID) { self.value.detach(id) }
    func take(_ id: EventFanout.ID) -> EventFanout.Taken { self.value.take(id) }

    func attach(_ id: EventFanout.ID, at position: AuditPosition, filter: EventFilter) -> Bool {
        self.value.attach(id, at: position, filter: filter)
    }

    func publish(_ items: [FeedItem], after position: AuditPosition) -> Set<EventFanout.ID> {
        self.value.publish(items, after: position)
    }

    func jump(from present: AuditPosition, to position: AuditPosition) -> Set<EventFanout.ID> {
        self.value.jump(from: present, to: position)
    }
}
