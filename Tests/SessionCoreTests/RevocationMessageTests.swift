import SessionCore
import TestSupport
import Testing

@Suite struct RevocationMessageTests {
    static let messages: [RevocationMessage] = [
        .ended(nil, [sessionID(1)]),
        .ended(.init(node: node(7), number: 3), [sessionID(1), sessionID(2, partition: 9)]),
        .ended(nil, []), .changed(.init(node: node(.max), number: .max), [sessionID(.max, partition: 255)]),
        .everyone(nil, epoch: 0), .everyone(.init(node: node(0), number: 0), epoch: .max),
        .settings(nil, "3:1700000000000:{\"by\":\"Ann  Lee\",\"idleTimeout\":60}"),
        .settings(.init(node: node(3), number: 8), ""), .ping(sequence: 12, epoch: 4),
        .acknowledged(node: node(255), number: 1),
    ]

    @Test(arguments: messages)
    func roundTrip(message: RevocationMessage) { #expect(RevocationMessage(message.text) == message) }

    @Test func textIsWhatScriptsWrite() {
        let origin = RevocationMessage.Origin(node: node(0xAB), number: 5)
        #expect(
            RevocationMessage.ended(origin, [sessionID(1), sessionID(2)]).text
                == "E 00000000000000ab:5 00000000000000000001,00000000000000000002"
        )
        #expect(RevocationMessage.changed(nil, [sessionID(1)]).text == "I - 00000000000000000001")
        #expect(RevocationMessage.everyone(nil, epoch: 7).text == "A - 7")
        #expect(RevocationMessage.ping(sequence: 9, epoch: 7).text == "P 9 7")
        #expect(RevocationMessage.acknowledged(node: node(1), number: 2).text == "K 0000000000000001 2")
    }

    @Test(arguments: [
        "", " ", "X", "E", "E -", "E  ", "P", "P 1", "P x 1", "P 1 x", "P 1 1 1", "P -1 1", "K", "K 1",
        "K x 1",
        "K 1 x", "K 1 1 1", "A", "A -", "A - x", "A - -1", "A 1 1", "A 1:1:1 1", "A :1 1", "A 1: 1", "E - x",
        "E - 00000000000000000001,x", "E 1:x 00000000000000000001", "S", "S -", "S 1:x {}", "S x 1:2:{}",
        "I", "e - 00000000000000000001",
        "E - 00000000000000000001 ", "\u{0}", "🔑 - 1",
    ])
    func garbageIsNoMessage(text: String) { #expect(RevocationMessage(text) == nil) }

    @Test func randomBytesNeverTrap() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0..<60, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            _ = RevocationMessage(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test func damagedMessagesNeverTrapAndReadBackWhatTheySay() {
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<20_000 {
            var bytes = Array(
                Self.messages[Int.random(in: 0..<Self.messages.count, using: &generator)].text.utf8
            )
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 32...126, using: &generator)
                case 1: bytes.insert(UInt8.random(in: 32...126, using: &generator), at: place)
                default: if bytes.count > 1 { bytes.remove(at: place) }
                }
            }
            if let message = RevocationMessage(String(decoding: bytes, as: UTF8.self)) {
                #expect(RevocationMessage(message.text) == message)
            }
        }
    }
}
