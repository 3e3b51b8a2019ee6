package import SessionCore

/// What a JWT that has been verified says of itself.
package struct JWTDetails: Sendable, Equatable {
    /// Whose session it stands for. Whether that is alive has to be asked.
    package let session: SessionID
    package let issuer: String
    package let audience: String
    /// The service key that asked for it, or `self`.
    package let client: String
    package let id: String
    /// Seconds since 1970.
    package let issuedAt: Int64
    package let notBefore: Int64
    package let expiresAt: Int64
}

/// What a JWT is.
package enum JWTVerdict: Sendable, Equatable {
    /// Made by a gateway of this installation, and within its time.
    case good(JWTDetails)
    /// Made by a gateway of this installation, and past its time.
    case expired(JWTDetails)
    /// Anything else.
    case refused
}

/// A new JWT.
package struct MintedJWT: Sendable {
    package let text: String
    /// Seconds since 1970.
    package let expiresAt: Int64
}
