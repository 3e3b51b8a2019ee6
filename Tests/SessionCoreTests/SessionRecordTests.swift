import SessionCore
import Testing

@Suite struct SessionRecordTests {
    private func record(previous: UInt8?, grace: Int64 = 10_000) throws -> SessionRecord {
        SessionRecord(
            session: try liveSession(sessionID(1)),
            verifierDigest: digest(1),
            previousDigest: previous.map { digest($0) },
            graceDeadline: time(grace)
        )
    }

    @Test func presentVerifierMatchesAtAnyTime() throws {
        #expect(try self.record(previous: nil).match(digest(1), at: time(0)) == .current)
        #expect(try self.record(previous: 2).match(digest(1), at: time(99_999)) == .current)
        #expect(try self.record(previous: 1).match(digest(1), at: time(99_999)) == .current)
    }

    @Test(arguments: [(0, SessionRecord.Match.grace), (10_000, .grace), (10_001, .reused)])
    func previousVerifierMatchesWithinTheGrace(now: Int, expected: SessionRecord.Match) throws {
        #expect(try self.record(previous: 2).match(digest(2), at: time(Int64(now))) == expected)
    }

    @Test func anyOtherVerifierWasRotatedOut() throws {
        #expect(try self.record(previous: 2).match(digest(3), at: time(0)) == .reused)
        #expect(try self.record(previous: nil).match(digest(3), at: time(0)) == .reused)
    }

    @Test func asvs1124DigestsCompareEveryByte() throws {
        let bytes = [UInt8](repeating: 0xAA, count: 32)
        let one = try #require(Digest256(bytes: bytes))
        #expect(one.bytes == bytes)
        for position in 0..<256 {
            var other = bytes
            other[position / 8] ^= 1 << (position % 8)
            #expect(Digest256(bytes: other) != one)
        }
        #expect(Digest256(bytes: bytes.dropLast()) == nil)
        #expect(Digest256(bytes: bytes + [0]) == nil)
        let hashed = Verifier().digest
        #expect(Digest256(bytes: hashed.bytes) == hashed)
    }
}
