import SessionCore
import Testing

@Suite struct TokenKeyRingTests {
    private func token(_ ring: TokenKeyRing, verifier: Verifier = Verifier()) -> Token {
        ring.token(
            id: sessionID(1),
            verifier: verifier,
            idleTimeout: .seconds(60),
            absoluteExpiry: time(2_000_000_000_000),
            remember: false
        )
    }

    @Test func twoKeysAcceptEachOthersTokens() throws {
        let old = TokenKeyRing(signing: try key(1, secret: 1))
        let both = TokenKeyRing(signing: try key(2, secret: 2), accepted: [try key(1, secret: 1)])
        let new = TokenKeyRing(signing: try key(2, secret: 2))
        #expect(both.verifies(self.token(old)))
        #expect(both.verifies(self.token(both)))
        #expect(self.token(both).keyID == 2)
        #expect(!old.verifies(self.token(both)))
        #expect(!new.verifies(self.token(old)))
        #expect(new.successor(of: self.token(old)) == nil)
    }

    @Test func sameIdWithAnotherSecretIsRefused() throws {
        let one = TokenKeyRing(signing: try key(1, secret: 1))
        let other = TokenKeyRing(signing: try key(1, secret: 2))
        #expect(!other.verifies(self.token(one)))
    }

    @Test func signingKeyWinsOverAcceptedOneOfTheSameId() throws {
        let ring = TokenKeyRing(signing: try key(1, secret: 1), accepted: [try key(1, secret: 2)])
        #expect(ring.verifies(self.token(ring)))
    }

    @Test func shortSecretsAreRefused() {
        #expect(throws: InputError.self) {
            try TokenKeyRing.Key(id: 0, secret: [UInt8](repeating: 1, count: 31))
        }
    }

    @Test func successorIsDerivedAndDiffers() throws {
        let ring = TokenKeyRing(signing: try key(1, secret: 1))
        let again = TokenKeyRing(signing: try key(9, secret: 3), accepted: [try key(1, secret: 1)])
        let token = self.token(ring)
        let successor = try #require(ring.successor(of: token))
        #expect(successor.digest == again.successor(of: token)?.digest, "every node derives the same one")
        #expect(successor.digest != token.verifier.digest)
        #expect(successor.digest != ring.successor(of: self.token(ring))?.digest)

        let next = self.token(ring, verifier: successor)
        #expect(ring.verifies(next))
        #expect(next != token)
        #expect(ring.successor(of: next)?.digest != successor.digest)

        let otherSecret = TokenKeyRing(signing: try key(1, secret: 2))
        #expect(otherSecret.successor(of: token)?.digest != successor.digest)
    }

    @Test func verifiersDoNotRepeat() {
        var seen = Set<[UInt8]>()
        let count = 200_000
        seen.reserveCapacity(count)
        // Half a digest tells 200,000 verifiers apart as well as the verifiers themselves would.
        for _ in 0..<count { seen.insert(Array(Verifier().digest.bytes.prefix(16))) }
        #expect(seen.count == count)
    }

    @Test func verifierAndSignatureCharactersAreEvenlySpread() throws {
        let ring = TokenKeyRing(signing: try key(1, secret: 1))
        let samples = 20_000
        // Bytes 20 to 47 are random: characters 27 to 63 hold nothing else.
        let positions = 27..<64
        var counts = [[Int]](repeating: [Int](repeating: 0, count: 128), count: 64)
        for _ in 0..<samples {
            for (position, byte) in self.token(ring).text.utf8.enumerated() {
                counts[position][Int(byte)] += 1
            }
        }
        let expected = Double(samples) / 64
        for position in positions {
            let seen = counts[position].filter { $0 > 0 }
            #expect(seen.count == 64)
            let chiSquared = seen.reduce(0.0) {
                $0 + (Double($1) - expected) * (Double($1) - expected) / expected
            }
            // 63 degrees of freedom: mean 63, standard deviation 11.2; beyond 140 once in ten million positions.
            #expect(chiSquared < 140, "position \(position): \(chiSquared)")
        }
    }

    @Test func bindingsHoldForTheirPurposeMessageAndKeys() throws {
        let old = TokenKeyRing(signing: try key(1, secret: 1))
        let both = TokenKeyRing(signing: try key(2, secret: 2), accepted: [try key(1, secret: 1)])
        let new = TokenKeyRing(signing: try key(2, secret: 2))
        let code = old.binding(.csrf, [1, 2])
        #expect(code.count == TokenKeyRing.bindingLength && old.isBinding(code, .csrf, [1, 2]))
        #expect(both.isBinding(code, .csrf, [1, 2]) && !new.isBinding(code, .csrf, [1, 2]))
        #expect(new.isBinding(both.binding(.csrf, [1]), .csrf, [1]))
        #expect(!old.isBinding(code, .jwt, [1, 2]) && !old.isBinding(code, .csrf, [1, 2, 0]))
        for position in code.indices {
            var changed = code
            changed[position] ^= 1
            #expect(!old.isBinding(changed, .csrf, [1, 2]), "\(position)")
        }
        #expect(!old.isBinding([], .csrf, [1, 2]) && !old.isBinding(code + [0], .csrf, [1, 2]))
    }
}
