import SessionCore
import Testing

/// The position with so many milliseconds.
private func at(_ milliseconds: Int) -> AuditPosition {
    AuditPosition(milliseconds: UInt64(milliseconds), sequence: 0)
}

@Suite struct AuditChainTests {
    private static func record(_ number: Int) -> AuditRecord {
        var record = AuditRecord(
            at: Timestamp(milliseconds: Int64(number) * 1000),
            source: "5:\(number)-0",
            kind: "revoked"
        )
        record.session = "00050000000000000001"
        record.user = "user-\(number)"
        record.reason = "reason, with 3:signs,"
        return record
    }

    private static func log(_ count: Int) -> (chain: AuditChain, links: [(AuditPosition, AuditChain.Link)]) {
        var chain = AuditChain()
        let links = (0..<count).map { number in
            (
                AuditPosition(milliseconds: UInt64(number), sequence: 0),
                chain.append(Self.record(number))
            )
        }
        return (chain, links)
    }

    private struct Outcome: Equatable {
        var checked: Int
        var fault: AuditVerification.Fault?
    }

    private static func walk(_ links: [(AuditPosition, AuditChain.Link)], _ chain: AuditChain) -> Outcome {
        var walk = ChainWalk()
        for (position, link) in links where !walk.take(position, link) {
            return Outcome(checked: walk.checked, fault: walk.fault)
        }
        walk.finish(chain)
        return Outcome(checked: walk.checked, fault: walk.fault)
    }

    @Test func whatIsUntouchedHolds() {
        let (chain, links) = Self.log(20)
        #expect(chain.count == 20)
        #expect(Self.walk(links, chain) == Outcome(checked: 20))
        // What has grown too old goes from the beginning.
        for dropped in 0..<20 {
            #expect(Self.walk(Array(links.dropFirst(dropped)), chain) == Outcome(checked: 20 - dropped))
        }
        #expect(Self.walk([], chain) == Outcome(checked: 0))
    }

    @Test func aChangedEntryIsFound() throws {
        let (chain, links) = Self.log(20)
        for index in links.indices {
            var record = try #require(AuditRecord(links[index].1.content))
            record.actor = "somebody else"
            var forged = links
            forged[index].1 = AuditChain.Link(previous: links[index].1.previous, content: record.bytes)
            let outcome = Self.walk(forged, chain)
            #expect(outcome.fault == .init(position: at(index), kind: .changed))
            #expect(outcome.checked == index)
            // Nor does it help to mend the hash that the next entry keeps.
            guard index + 1 < links.count else { continue }
            forged[index + 1].1 = AuditChain.Link(
                previous: forged[index].1.hash,
                content: links[index + 1].1.content
            )
            #expect(Self.walk(forged, chain).fault == .init(position: at(index + 1), kind: .changed))
        }
    }

    @Test func everyBitCounts() {
        let (chain, links) = Self.log(3)
        for bit in 0..<(links[1].1.content.count * 8) {
            var content = links[1].1.content
            content[bit / 8] ^= 1 << (bit % 8)
            var forged = links
            forged[1].1 = AuditChain.Link(previous: links[1].1.previous, content: content)
            #expect(Self.walk(forged, chain).fault != nil)
        }
    }

    @Test func missingMovedAndAddedEntriesAreFound() {
        let (chain, links) = Self.log(20)
        for index in 1..<19 {
            var fewer = links
            fewer.remove(at: index)
            #expect(Self.walk(fewer, chain).fault == .init(position: at(index - 1), kind: .missing))
            var moved = links
            (moved[index].1, moved[index + 1].1) = (moved[index + 1].1, moved[index].1)
            #expect(Self.walk(moved, chain).fault?.kind == .missing)
            var more = links
            more.insert(links[index], at: index)
            #expect(Self.walk(more, chain).fault != nil)
        }
        #expect(Self.walk(Array(links.dropLast()), chain).fault == .init(position: at(18), kind: .missing))
    }

    @Test func aChainOfOnesOwnHasAnotherHead() {
        let (chain, _) = Self.log(20)
        var other = AuditChain()
        let links = (0..<20).map { number in
            var record = Self.record(number)
            if number == 7 { record.user = "eve" }
            return (AuditPosition(milliseconds: UInt64(number), sequence: 0), other.append(record))
        }
        #expect(Self.walk(links, other) == Outcome(checked: 20))
        #expect(other.head != chain.head)
        #expect(Self.walk(links, chain).fault == .init(position: at(19), kind: .changed))
    }

    @Test func recordsAreReadInOneWayOnly() throws {
        var record = Self.record(3)
        record.number = 4
        record.organization = "acme"
        record.actor = "root"
        record.from = "192.0.2.1"
        record.call = "DELETE /x"
        record.code = "forbidden"
        record.count = 7
        #expect(AuditRecord(record.bytes) == record)
        var bare = AuditRecord(at: Timestamp(milliseconds: 1), source: "g:1-0", kind: "gap")
        bare.number = 1
        #expect(AuditRecord(bare.bytes) == bare)
        // What moves from one field to another changes the bytes.
        var moved = record
        (moved.user, moved.organization) = (moved.user + moved.organization, "")
        #expect(moved.bytes != record.bytes)
        let text = "1:1,1:5,1:g,3:gap,"
        #expect(AuditRecord(Array(text.utf8)) != nil)
        for broken in [
            "", "1:1,1:5,1:g,", "1:1,1:5,1:g,3:gap", "1:1,1:5,1:g,4:gap,", "1:0,1:5,1:g,3:gap,",
            "99999999:1,1:5,1:g,3:gap,", ":1,1:5,1:g,3:gap,", "1:1,1:x,1:g,3:gap,", text + "9:,",
            text + String(repeating: "0:,", count: 10),
        ] { #expect(AuditRecord(Array(broken.utf8)) == nil, "\(broken)") }
    }

    @Test func longTextsAreCutAtACharacter() throws {
        var record = Self.record(1)
        record.number = 1
        record.reason = String(repeating: "ü", count: 5000)
        let kept = try #require(AuditRecord(record.bytes)).reason
        #expect(kept.utf8.count <= AuditRecord.maximumFieldBytes && kept.utf8.count > 4000)
        #expect(kept.hasSuffix("ü…"))
    }

    @Test func whatCannotBeReadIsShownAsSuch() {
        let link = AuditChain.Link(previous: AuditChain.origin, content: [1, 2, 3])
        let entry = AuditEntry(position: AuditPosition(milliseconds: 9, sequence: 1), link)
        #expect(entry.kind == "unreadable" && entry.position.description == "9-1" && entry.hash.count == 64)
        #expect(entry.at == Timestamp(milliseconds: 9))
    }
}

@Suite struct AuditPositionTests {
    @Test func positionsAreReadAndOrdered() throws {
        let position = try #require(AuditPosition("1767225600000-12"))
        #expect(position == AuditPosition(milliseconds: 1_767_225_600_000, sequence: 12))
        #expect(position.description == "1767225600000-12")
        #expect(AuditPosition("2-0") ?? position < position)
        #expect(try #require(AuditPosition("1767225600000-9")) < position)
        #expect(AuditPosition("9999999999999999999-9999999999999999999") != nil)
        for broken in [
            "", "1", "-", "1-", "-1", "1-2-3", "+1-0", "1 -0", "a-0", "$", "*", "10000000000000000000-0",
            "00000000000000000001-0",
        ] { #expect(AuditPosition(broken) == nil, "\(broken)") }
    }
}

@Suite struct AttemptBudgetTests {
    @Test func aBurstAndThenARate() {
        var budget = TokenBucket(every: .milliseconds(50), burst: 200)
        #expect((0..<1000).filter { _ in budget.take(at: instant(0)) }.count == 200)
        // A second later there are 20 more, and no more than a burst after a long time.
        #expect((0..<1000).filter { _ in budget.take(at: instant(1000)) }.count == 20)
        #expect((0..<1000).filter { _ in budget.take(at: instant(100_000_000)) }.count == 200)
    }
}

@Suite struct AuditFilterTests {
    private let entry = AuditEntry(
        position: AuditPosition(milliseconds: 1, sequence: 0),
        at: Timestamp(milliseconds: 1000),
        kind: "revoked",
        session: sessionID(1),
        user: "Alice",
        organization: "acme",
        actor: "key:Boss",
        reason: "Lost laptop",
        from: "192.0.2.7"
    )

    @Test func allConditionsHold() {
        func includes(_ change: (inout AuditFilter) -> Void) -> Bool {
            var filter = AuditFilter()
            change(&filter)
            return filter.includes(self.entry)
        }
        #expect(includes { _ in })
        #expect(includes { $0.kinds = [.revoked, .created] } && !includes { $0.kinds = [.created] })
        #expect(includes { $0.user = "Alice" } && !includes { $0.user = "alice" })
        #expect(includes { $0.actor = "key:Boss" } && !includes { $0.actor = "Boss" })
        #expect(includes { $0.organization = "acme" } && !includes { $0.organization = "" })
        #expect(includes { $0.session = sessionID(1) } && !includes { $0.session = sessionID(2) })
        #expect(includes { $0.since = Timestamp(milliseconds: 1000) })
        #expect(!includes { $0.since = Timestamp(milliseconds: 1001) })
        #expect(includes { $0.until = Timestamp(milliseconds: 1001) })
        #expect(!includes { $0.until = Timestamp(milliseconds: 1000) })
        for text in ["aLiCe", "boss", "LAPTOP", "2.0.2"] {
            #expect(includes { $0.search = SearchText(text) }, "\(text)")
        }
        #expect(!includes { $0.search = SearchText("acme") })
        #expect(!includes { ($0.user, $0.kinds) = ("Alice", [.created]) })
    }
}
