import SessionCore
import TestSupport
import Testing

@Suite struct Base64URLTests {
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ])
    func vectorsOfRFC4648(plain: String, encoded: String) {
        #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
    }

    @Test func lastTwoCharactersAreTheURLSafeOnes() {
        #expect(Base64URL.encode([0xFB, 0xEF, 0xFF]) == "--__")
    }

    @Test func groupsRoundTrip() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<10_000 {
            let word = generator.next() >> 16
            let bytes = (0..<6).map { UInt8(truncatingIfNeeded: word >> (40 - 8 * $0)) }
            let text = Array(Base64URL.encode(bytes).utf8)
            var invalid: UInt8 = 0
            let decoded = text.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { Base64URL.decodeGroup($0, invalid: &invalid) }
            }
            #expect(decoded == word)
            #expect(invalid & 0x40 == 0)
        }
    }

    @Test func everyByteOutsideTheAlphabetIsMarked() {
        let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        for byte in UInt8.min...UInt8.max {
            for position in 0..<8 {
                var text = [UInt8](repeating: UInt8(ascii: "A"), count: 8)
                text[position] = byte
                var invalid: UInt8 = 0
                text.withUnsafeBufferPointer { buffer in
                    if let base = buffer.baseAddress { _ = Base64URL.decodeGroup(base, invalid: &invalid) }
                }
                #expect((invalid & 0x40 == 0) == alphabet.contains(byte), "byte \(byte) at \(position)")
            }
        }
    }

    @Test func readsBackOnlyWhatItWrites() {
        var generator = SeededGenerator(seed: 2)
        for count in 0..<40 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let text = Array(Base64URL.encode(bytes).utf8)
            #expect(Base64URL.decode(text, count: count) == bytes)
            #expect(Base64URL.decode(text, count: count + 1) == nil)
            #expect(Base64URL.decode(text + [UInt8(ascii: "=")], count: count) == nil)
        }
        // "Zg" is "f"; "Zh" has a bit too many.
        #expect(Base64URL.decode(Array("Zh".utf8), count: 1) == nil)
        for byte: UInt8 in [0, 0x2B, 0x2F, 0x3D, 0x80, 0xFF] {
            #expect(Base64URL.decode([UInt8(ascii: "Z"), byte], count: 1) == nil)
        }
    }
}
