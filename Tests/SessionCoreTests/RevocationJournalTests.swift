import SessionCore
import Testing

@Suite struct RevocationJournalTests {
    @Test func keepsInOrder() {
        var journal = RevocationJournal()
        journal.record([sessionID(2), sessionID(1)], at: instant(0))
        journal.record([sessionID(3)], at: instant(1))
        #expect(journal.sessions(at: instant(2)) == [sessionID(2), sessionID(1), sessionID(3)])
    }

    @Test func forgetsAfterFifteenMinutes() {
        var journal = RevocationJournal()
        let lifetime = RevocationJournal.lifetime.inMilliseconds
        journal.record([sessionID(1)], at: instant(0))
        journal.record([sessionID(2)], at: instant(1))
        #expect(journal.sessions(at: instant(lifetime)).count == 2)
        #expect(journal.sessions(at: instant(lifetime + 1)) == [sessionID(2)])
        #expect(journal.sessions(at: instant(lifetime + 2)).isEmpty)
    }

    @Test func isBounded() {
        var journal = RevocationJournal(capacity: 10)
        for value in UInt64(0)..<100 { journal.record([sessionID(value)], at: instant(0)) }
        #expect(journal.count == 10)
        #expect(journal.sessions(at: instant(0)) == (90..<100).map { sessionID($0) })
        journal.record((200..<250).map { sessionID($0) }, at: instant(0))
        #expect(journal.sessions(at: instant(0)) == (240..<250).map { sessionID($0) })
    }

    @Test func epochOnlyRises() {
        var journal = RevocationJournal()
        let outcomes = [0, 3, 3, 2, 4].map { journal.raise(epoch: $0) }
        #expect(outcomes == [false, true, false, false, true])
        #expect(journal.epoch == 4)
    }
}
