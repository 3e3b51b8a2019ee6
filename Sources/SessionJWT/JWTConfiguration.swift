package import SessionCore

/// How JWTs are made.
package struct JWTConfiguration: Sendable {
    /// A secret that signs JWTs, and the `kid` that names it.
    package struct Key: Sendable {
        package let id: String
        package let secret: [UInt8]

        /// - Throws: ``InputError`` when the secret is shorter than HS256's hash (RFC 7518 3.2) or the id is not 1 to
        ///   64 letters, digits, dots, hyphens and underscores.
        package init(id: String, secret: [UInt8]) throws(InputError) {
            guard secret.count >= 32 else {
                throw InputError(field: "jwtSecret", reason: "must be at least 32 bytes")
            }
            guard (1...64).contains(id.utf8.count), id.utf8.allSatisfy(Self.isPlain) else {
                throw InputError(
                    field: "jwtSecret",
                    reason: "the id must be 1 to 64 letters, digits, dots, hyphens and underscores"
                )
            }
            self.id = id
            self.secret = secret
        }

        /// What stands in JSON as it is.
        private static func isPlain(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    /// Signs new JWTs.
    package var signing: Key
    /// Further keys whose JWTs are still good.
    package var accepted: [Key]
    /// What all JWTs say alike.
    package struct Claims: Sendable, Equatable {
        /// The `iss` of all JWTs.
        package var issuer = "portcullis"
        /// The `aud` of all JWTs.
        package var audience = "portcullis"
        /// How long a JWT is good, if its session lives that long.
        package var lifetime: Duration = .seconds(3600)

        /// A minute to a day.
        package static let lifetimeRange: ClosedRange<Duration> = .seconds(60) ... .seconds(86_400)

        /// The defaults.
        package init() {}
    }

    /// Issuer, audience and lifetime.
    package var claims = Claims()

    package init(signing: Key, accepted: [Key] = []) {
        self.signing = signing
        self.accepted = accepted
    }
}
