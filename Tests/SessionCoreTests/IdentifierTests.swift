import SessionCore
import TestSupport
import Testing

@Suite struct IdentifierTests {
    @Test func sessionIDRoundTrips() throws {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<1000 {
            let id = sessionID(generator.next(), partition: UInt16.random(in: 0..<256, using: &generator))
            #expect(id.description.utf8.count == 20)
            #expect(SessionID(id.description) == id)
            #expect(id.key.utf8.count == 16)
            #expect(SessionID(partition: id.partition, key: id.key) == id)
        }
        #expect(sessionID(1).description == "00000000000000000001")
        #expect(sessionID(.max, partition: 255).description == "00ffffffffffffffffff")
    }

    @Test(arguments: [
        "", "0", "0000000000000000000", "000000000000000000001", "0000000000000000000A",
        "0000000000000000000g",
        "01000000000000000000", "+0000000000000000001", " 0000000000000000001", "0000000000000000000\n",
        "٠0000000000000000000",
    ])
    func otherTextsAreNoSessionIDs(text: String) { #expect(SessionID(text) == nil) }

    @Test func sessionIDsAreOrderedByPartitionThenValue() {
        #expect(sessionID(5, partition: 1) < sessionID(1, partition: 2))
        #expect(sessionID(1, partition: 1) < sessionID(2, partition: 1))
    }

    @Test(arguments: ["a", "0", "00000000000000ff", "FFFFFFFFFFFFFFFF"])
    func nodeIDsAreHexadecimal(text: String) throws {
        let id = try #require(NodeID(text))
        #expect(id.description.utf8.count == 16)
        #expect(NodeID(id.description) == id)
    }

    @Test(arguments: ["", "+1", "-0", "-1", "g", "1 ", "00000000000000001", "10000000000000000"])
    func otherTextsAreNoNodeIDs(text: String) { #expect(NodeID(text) == nil) }

    @Test func partitionIsCRC16OfTheBytes() throws {
        // CRC-16/XMODEM of "123456789" is 0x31C3.
        #expect(Partition(of: try UserID("123456789")).index == 0xC3)
        #expect(Partition(255) != nil)
        #expect(Partition(256) == nil)
        #expect(Partition.all.count == 256)
    }

    @Test func usersAreComparedAsBytes() throws {
        let composed = try UserID("caf\u{E9}")
        let decomposed = try UserID("cafe\u{301}")
        #expect(composed.text == decomposed.text, "canonically equal as strings")
        #expect(composed != decomposed)
        #expect(composed.key != decomposed.key)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(try UserID("a") == UserID("a"))
        #expect(try Set([UserID("a"), UserID("a")]).count == 1)
    }

    @Test func userKeyHasFixedLengthAndNoBraces() throws {
        for text in ["a", "{0}", "a:b", String(repeating: "x", count: 256)] {
            let key = try UserID(text).key
            #expect(key.utf8.count == 22)
            #expect(!key.contains { "{}:* ".contains($0) })
        }
    }
}
