import Crypto

/// Signs tokens and examines signatures, with several keys by id: tokens are signed with the first and accepted
/// from all, so that a key can be replaced without ending sessions (docs/features.md S9).
public struct TokenKeyRing: Sendable {
    /// A secret and the id that tokens carry to name it.
    public struct Key: Sendable {
        /// 0 ... 255.
        public let id: UInt8
        /// Keyed already: expanding the key costs more than the signature.
        let authentication: HMAC<SHA256>
        let succession: SymmetricKey
        let binding: SymmetricKey

        /// Derives the keys from a secret.
        /// - Parameter secret: at least 32 bytes of good randomness.
        /// - Throws: ``InputError`` when the secret is shorter.
        public init(id: UInt8, secret: some Collection<UInt8>) throws(InputError) {
            guard secret.count >= 32 else {
                throw InputError(field: "tokenSecret", reason: "must be at least 32 bytes")
            }
            self.init(id: id, material: SymmetricKey(data: Array(secret)))
        }

        /// One secret, several uses: none of the keys says anything about another.
        fileprivate init(id: UInt8, material: SymmetricKey) {
            self.id = id
            self.authentication = HMAC(key: Self.derive("portcullis token authentication", from: material))
            self.succession = Self.derive("portcullis token succession", from: material)
            self.binding = Self.derive("portcullis session binding", from: material)
        }

        private static func derive(_ purpose: String, from material: SymmetricKey) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: material,
                info: Array(purpose.utf8),
                outputByteCount: 32
            )
        }
    }

    let signing: Key
    let keys: [Key?]

    /// - Parameters:
    ///   - signing: signs new tokens.
    ///   - accepted: further keys whose tokens are still good.
    public init(signing: Key, accepted: [Key] = []) {
        self.signing = signing
        var keys = [Key?](repeating: nil, count: 256)
        for key in accepted { keys[Int(key.id)] = key }
        keys[Int(signing.id)] = signing
        self.keys = keys
    }

    /// A ring with a random secret that nobody else has, for configurations that are given theirs later.
    package static func ofThisProcess() -> TokenKeyRing {
        TokenKeyRing(signing: Key(id: 0, material: SymmetricKey(size: .bits256)))
    }

    /// Whether the token's signature is right. Takes the same time whatever the difference.
    public func verifies(_ token: Token) -> Bool {
        guard let key = self.keys[Int(token.keyID)] else { return false }
        let expected = Self.signature(of: token.words, key: key)
        let high = token.words.4 << 32 | token.words.5 >> 32
        let low = UInt32(truncatingIfNeeded: token.words.5)
        return (expected.high ^ high) | UInt64(expected.low ^ low) == 0
    }

    /// Makes a signed token.
    /// - Parameters:
    ///   - idleTimeout: whole seconds, up to 2³² − 1.
    ///   - absoluteExpiry: on Redis's clock; a part of a second is dropped, so the token never outlives the
    ///     record.
    package func token(
        id: SessionID,
        verifier: Verifier,
        idleTimeout: Duration,
        absoluteExpiry: Timestamp,
        remember: Bool
    ) -> Token {
        let flags: UInt64 = UInt64(Token.version) << 60 | (remember ? 1 << 56 : 0)
        let idle = UInt64(UInt32(clamping: idleTimeout.components.seconds))
        let expiry = UInt64(UInt32(clamping: absoluteExpiry.milliseconds / 1000))
        let head =
            flags | UInt64(self.signing.id) << 48 | UInt64(id.partition.index) << 32 | id.value >> 32
        var words = (
            head, id.value << 32 | idle, expiry << 32 | verifier.high >> 32,
            verifier.high << 32 | verifier.low >> 32, verifier.low << 32, UInt64(0)
        )
        let signature = Self.signature(of: words, key: self.signing)
        words.4 |= signature.high >> 32
        words.5 = signature.high << 32 | UInt64(signature.low)
        return Token(words: words)
    }

    /// The verifier that follows `token`'s when it is rotated. Derived, not drawn: every node gives a retried
    /// rotation the same successor although Redis holds only digests.
    ///
    /// - Returns: `nil` when the token's key is not on the ring.
    package func successor(of token: Token) -> Verifier? {
        guard let key = self.keys[Int(token.keyID)] else { return nil }
        let input = (
            token.words.0.bigEndian, token.words.1.bigEndian, token.words.2.bigEndian,
            token.words.3.bigEndian, (token.words.4 & 0xFFFF_FFFF_0000_0000).bigEndian
        )
        let code = withUnsafeBytes(of: input) {
            HMAC<SHA256>.authenticationCode(for: $0, using: key.succession)
        }
        return code.withUnsafeBytes {
            Verifier(
                high: $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self).bigEndian,
                low: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian
            )
        }
    }

    private static func signature(
        of words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64),
        key: Key
    ) -> (high: UInt64, low: UInt32) {
        let signed = (
            words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian, words.4.bigEndian
        )
        var hmac = key.authentication
        // 36 bytes: all but the signature itself.
        withUnsafeBytes(of: signed) { hmac.update(data: UnsafeRawBufferPointer(rebasing: $0[..<36])) }
        let code = hmac.finalize()
        return code.withUnsafeBytes {
            (
                $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self).bigEndian,
                $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self).bigEndian
            )
        }
    }
}
