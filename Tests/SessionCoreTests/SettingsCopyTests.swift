import SessionCore
import Testing

@Suite struct SettingsCopyTests {
    /// A copy that has read version `version`.
    private static func copy(at version: Int) -> SettingsCopy {
        var copy = SettingsCopy()
        let begun = copy.beginRead()
        _ = copy.read(version: version, begun: begun)
        return copy
    }

    @Test func isOfUseOnlyAfterARead() {
        var copy = SettingsCopy()
        #expect(!copy.isCurrent)
        let begun = copy.beginRead()
        let isNew = copy.read(version: 0, begun: begun)
        #expect(isNew && copy.isCurrent)
    }

    @Test func whatIsNewerCounts() {
        var copy = Self.copy(at: 3)
        let begun = copy.beginRead()
        let heard = copy.heard(version: 4)
        #expect(heard && copy.version == 4)
        // The read had begun before the change and was answered after it was heard.
        let read = copy.read(version: 3, begun: begun)
        #expect(!read && copy.version == 4 && copy.isCurrent)
        let older = copy.heard(version: 4)
        #expect(!older)
    }

    @Test func aCutSubscriptionAsksForAReadThatBeganAfterIt() {
        var copy = Self.copy(at: 3)
        let begun = copy.beginRead()
        copy.mayHaveMissed()
        #expect(!copy.isCurrent)
        let late = copy.read(version: 3, begun: begun)
        #expect(!late && !copy.isCurrent)
        let again = copy.beginRead()
        let isNew = copy.read(version: 5, begun: again)
        #expect(isNew && copy.isCurrent && copy.version == 5)
    }

    @Test func anotherServerMayHaveForgotten() {
        var copy = Self.copy(at: 5)
        copy.serverChanged()
        let begun = copy.beginRead()
        let isTaken = copy.read(version: 4, begun: begun)
        #expect(isTaken && copy.version == 4 && copy.isCurrent)
    }

    @Test func whatIsHeardBeforeAnotherServerWasReadIsReadAgain() {
        var copy = Self.copy(at: 5)
        copy.serverChanged()
        let begun = copy.beginRead()
        // From the server before, or from the new one.
        let heard = copy.heard(version: 6)
        #expect(heard)
        let late = copy.read(version: 4, begun: begun)
        #expect(!late && !copy.isCurrent && copy.version == 6)
        let again = copy.beginRead()
        let isTaken = copy.read(version: 4, begun: again)
        #expect(isTaken && copy.isCurrent && copy.version == 4)
    }
}
