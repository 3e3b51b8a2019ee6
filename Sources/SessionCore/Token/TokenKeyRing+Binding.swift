import Crypto

/// What a code binds to a session. The purpose is part of what is signed, so that no code serves another one.
package enum BindingPurpose: String, Sendable {
    /// The double-submit token of browsers.
    case csrf
    /// The `jti` of a JWT.
    case jwt
}

extension TokenKeyRing {
    /// Length of a code, in bytes: the id of the key and 128 bits of HMAC-SHA-256.
    package static let bindingLength = 17

    /// Signs a message with a key that is derived from the token secret, so that what ends all tokens (another
    /// secret) ends all codes as well.
    package func binding(_ purpose: BindingPurpose, _ message: [UInt8]) -> [UInt8] {
        [self.signing.id] + Self.code(purpose, message, self.signing)
    }

    /// Whether ``binding(_:_:)`` gave the code for this message, with any key of the ring. Takes the same time
    /// whatever the difference.
    package func isBinding(_ code: some Collection<UInt8>, _ purpose: BindingPurpose, _ message: [UInt8])
        -> Bool
    {
        guard code.count == Self.bindingLength, let id = code.first, let key = self.keys[Int(id)] else {
            return false
        }
        var difference: UInt8 = 0
        for (lhs, rhs) in zip(code.dropFirst(), Self.code(purpose, message, key)) { difference |= lhs ^ rhs }
        return difference == 0
    }

    private static func code(_ purpose: BindingPurpose, _ message: [UInt8], _ key: Key) -> [UInt8] {
        // A NUL ends the purpose: no purpose is the beginning of another with a message.
        let input = Array(purpose.rawValue.utf8) + [0] + message
        return Array(HMAC<SHA256>.authenticationCode(for: input, using: key.binding).prefix(16))
    }
}
