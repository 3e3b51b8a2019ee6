import SessionCore
import Testing

@Suite struct TokenTests {
    private let ring: TokenKeyRing
    private let id = sessionID(0x0123_4567_89AB_CDEF, partition: 0x00A7)

    init() throws { self.ring = TokenKeyRing(signing: try key(3, secret: 7)) }

    private func token(_ verifier: Verifier = Verifier(), remember: Bool = false) -> Token {
        self.ring.token(
            id: self.id,
            verifier: verifier,
            idleTimeout: .seconds(3600),
            absoluteExpiry: time(1_700_000_000_999),
            remember: remember
        )
    }

    private func bytes(_ token: Token) -> [UInt8] {
        withUnsafeBytes(of: token.bigEndianWords) { Array($0) }
    }

    private func token(bytes: [UInt8]) -> Token? { Token(Base64URL.encode(bytes)) }

    @Test(arguments: [false, true])
    func roundTrip(remember: Bool) throws {
        let verifier = Verifier()
        let token = self.token(verifier, remember: remember)
        #expect(token.text.utf8.count == 64)
        let read = try #require(Token(token.text))
        #expect(read == token)
        #expect(self.ring.verifies(read))
        #expect(read.sessionID == self.id)
        #expect(read.idleTimeout == .seconds(3600))
        #expect(read.absoluteExpiry == time(1_700_000_000_000), "a part of a second is dropped")
        #expect(read.isRemembered == remember)
        #expect(read.keyID == 3)
        #expect(read.verifier.digest == verifier.digest)
        #expect(read.digest == token.digest)
    }

    @Test func layoutIsByteForByteAsDocumented() throws {
        let token = self.token(remember: true)
        let bytes = self.bytes(token)
        #expect(bytes.count == Token.byteCount)
        #expect(bytes[0] == 0x11, "version 1 in the high nibble, remember-me in the low one")
        #expect(bytes[1] == 3)
        #expect(bytes[2..<4] == [0x00, 0xA7])
        #expect(bytes[4..<12] == [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF])
        #expect(bytes[12..<16] == [0, 0, 0x0E, 0x10])
        #expect(bytes[16..<20] == [0x65, 0x53, 0xF1, 0x00])
        #expect(Base64URL.encode(bytes) == token.text)
        #expect(self.bytes(self.token())[0] == 0x10)
    }

    @Test func asvs721EveryFlippedBitIsRefused() {
        let genuine = self.bytes(self.token())
        for position in 0..<(Token.byteCount * 8) {
            var bytes = genuine
            bytes[position / 8] ^= 1 << (position % 8)
            let forged = self.token(bytes: bytes)
            #expect(forged.map(self.ring.verifies) != true, "bit \(position)")
        }
    }

    @Test func asvs721EveryReplacedCharacterIsRefused() {
        let genuine = Array(self.token().text.utf8)
        for position in genuine.indices {
            for byte in UInt8.min...UInt8.max where byte != genuine[position] {
                var characters = genuine
                characters[position] = byte
                let accepted = characters.withUnsafeBufferPointer { text in
                    Token(text).map(self.ring.verifies)
                }
                if accepted == true { Issue.record("byte \(byte) at \(position)") }
            }
        }
    }

    @Test func lengthAndAlphabetAreExact() {
        let text = self.token().text
        #expect(Token("") == nil)
        #expect(Token(String(text.dropLast())) == nil)
        #expect(Token(text + "A") == nil)
        #expect(Token(text + "=") == nil)
        #expect(Token(String(repeating: "é", count: 32)) == nil, "64 bytes, but not of the alphabet")
        for byte in UInt8.min...UInt8.max {
            let character = Unicode.Scalar(byte)
            let isBase64 =
                switch character {
                case "A"..."Z", "a"..."z", "0"..."9", "-", "_": true
                default: false
                }
            // The last character belongs to the signature, so any character of the alphabet can be read.
            var characters = Array(text.utf8)
            characters[63] = byte
            let read = characters.withUnsafeBufferPointer { Token($0) }
            #expect((read != nil) == isBase64, "byte \(byte)")
        }
    }

    @Test func otherVersionsAndPartitionsAreRefused() {
        let genuine = self.bytes(self.token())
        for version in UInt8(0)...15 where version != 1 {
            var bytes = genuine
            bytes[0] = version << 4
            #expect(self.token(bytes: bytes) == nil)
        }
        var bytes = genuine
        bytes[2] = 1
        #expect(self.token(bytes: bytes) == nil, "partition 256 and up")
    }

    @Test func extremesAreClamped() throws {
        let token = self.ring.token(
            id: self.id,
            verifier: Verifier(),
            idleTimeout: .seconds(Int64.max),
            absoluteExpiry: time(.max),
            remember: false
        )
        #expect(token.idleTimeout == .seconds(Int64(UInt32.max)))
        #expect(token.absoluteExpiry == time(Int64(UInt32.max) * 1000))
        let past = self.ring.token(
            id: self.id,
            verifier: Verifier(),
            idleTimeout: .seconds(-1),
            absoluteExpiry: time(-1),
            remember: false
        )
        #expect(past.idleTimeout == .zero)
        #expect(past.absoluteExpiry == time(0))
    }

    @Test func asvs1625OnlyTheLastEightCharactersAreShown() {
        let token = self.token()
        #expect(token.masked == "…" + token.text.suffix(8))
        #expect(token.masked.count == 9)
    }
}
