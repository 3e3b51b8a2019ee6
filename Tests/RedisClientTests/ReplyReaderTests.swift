import NIOCore
import TestSupport
import Testing

@testable import RedisClient

@Suite("Reading replies")
struct ReplyReaderTests {
    /// Feeds `bytes` in pieces and gives all replies.
    private func read(
        _ bytes: some Collection<UInt8>,
        pieces: Int = .max,
        limit: Int = 1 << 20
    ) throws -> [RedisValue] {
        var reader = ReplyReader(maxReplyBytes: limit)
        var values: [RedisValue] = []
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            try reader.feed(ByteBuffer(bytes: rest.prefix(pieces)).readableBytesView)
            rest = rest.dropFirst(pieces)
            while let value = try reader.next() { values.append(value) }
        }
        return values
    }

    @Test("Every type, however the bytes are cut", arguments: [1, 2, 3, 7, 1000])
    func types(pieces: Int) throws {
        let text =
            "+OK\r\n-ERR no\r\n:-7\r\n$-1\r\n$0\r\n\r\n$4\r\na\r\nb\r\n*-1\r\n*0\r\n*2\r\n:1\r\n*1\r\n$1\r\nx\r\n"
        #expect(
            try read(text.utf8, pieces: pieces) == [
                .simple("OK"), .error(RedisError(reply: "ERR no")), .integer(-7), .null, .bulk(ByteBuffer()),
                .bulk(ByteBuffer(string: "a\r\nb")), .null, .array([]),
                .array([.integer(1), .array([.bulk(ByteBuffer(string: "x"))])]),
            ]
        )
    }

    @Test(
        "What is not RESP2 is refused",
        arguments: [
            "HTTP/1.1 200 OK\r\n", "%1\r\n", "_\r\n", "#t\r\n", "$-2\r\n", "$abc\r\n", ":12x\r\n", "*-5\r\n",
            "*2147483648\r\n", "$99999999999999999999\r\n",
            String(repeating: "*1\r\n", count: 20) + ":1\r\n",
        ]
    )
    func refused(text: String) {
        let error = #expect(throws: RedisError.self) { try read(text.utf8) }
        #expect(error?.code == .protocolViolation)
    }

    @Test("Nesting is bounded by hiredis at 7")
    func nesting() throws {
        #expect(throws: Never.self) { try read((String(repeating: "*1\r\n", count: 7) + ":1\r\n").utf8) }
        #expect(throws: RedisError.self) { try read((String(repeating: "*1\r\n", count: 9) + ":1\r\n").utf8) }
    }

    @Test("A reply longer than allowed is refused before it is whole")
    func tooLong() throws {
        let long = Array("$200000\r\n".utf8) + [UInt8](repeating: 65, count: 150_000)
        #expect(throws: RedisError.self) { try read(long, pieces: 1000, limit: 100_000) }
        let array =
            Array("*100000\r\n".utf8) + Array(repeatElement(Array(":1\r\n".utf8), count: 50_000).joined())
        #expect(throws: RedisError.self) { try read(array, pieces: 1000, limit: 100_000) }
    }

    @Test("Many replies that are each short enough may be longer together")
    func manyShort() throws {
        let text = Array(repeatElement(Array("$5\r\nhello\r\n".utf8), count: 50_000).joined())
        #expect(try read(text, pieces: 16_384, limit: 10_000).count == 50_000)
    }

    @Test("A line without end, or an array of a thousand million elements, is refused")
    func endless() {
        let line = Array("+".utf8) + [UInt8](repeating: 65, count: 200_000)
        #expect(throws: RedisError.self) { try read(line, pieces: 1000) }
        let header = Array("$".utf8) + [UInt8](repeating: 49, count: 200_000)
        #expect(throws: RedisError.self) { try read(header, pieces: 1000) }
        #expect(throws: RedisError.self) { try read("*1000000000\r\n".utf8) }
    }

    @Test("A long string is read although it comes in many pieces")
    func longString() throws {
        let body = [UInt8](repeating: 66, count: 500_000)
        let values = try read(Array("$500000\r\n".utf8) + body + Array("\r\n:1\r\n".utf8), pieces: 16_384)
        #expect(values == [.bulk(ByteBuffer(bytes: body)), .integer(1)])
    }

    @Test("Arbitrary bytes are read or refused, never a trap")
    func arbitrary() {
        let alphabet = Array("+-:$*0123456789\r\nab%_".utf8) + [0, 255]
        for seed in 0..<20_000 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let count = Int.random(in: 1...40, using: &generator)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            _ = try? read(bytes, pieces: Int.random(in: 1...10, using: &generator))
        }
    }
}
