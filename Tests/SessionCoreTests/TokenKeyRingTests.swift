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
