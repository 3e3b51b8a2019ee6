package import SessionCore

/// Makes JWTs for sessions and examines them (docs/features.md S8): HS256 only, of type `at+jwt` (RFC 9068).
///
/// Whoever verifies HS256 can also sign. So that a service that verifies JWTs offline cannot make one that a gateway
/// takes for a login, `jti` is 12 random bytes and a code over all claims, made with a key derived from the *token*
/// secret, which only gateways have. Nobody can derive the opaque token from a JWT: it is not in it. A rotation of the
/// opaque token leaves JWTs as they are; they end with their time, with their session, and with either secret.
package struct JWTIssuer: Sendable {
    /// Longest text that is looked at, in bytes: 32 roles and 8 factors of 64 bytes, all to be escaped, make less.
    package static let maximumBytes = 12 * 1024

    private let signing: JWTSigningKey
    private let accepted: [JWTSigningKey]
    private let configuration: JWTConfiguration
    private let tokenKeys: TokenKeyRing

    /// - Parameter tokenKeys: the keys of opaque tokens.
    package init(_ configuration: JWTConfiguration, tokenKeys: TokenKeyRing) async {
        self.configuration = configuration
        self.tokenKeys = tokenKeys
        self.signing = await JWTSigningKey(configuration.signing)
        var accepted = [self.signing]
        for key in configuration.accepted { accepted.append(await JWTSigningKey(key)) }
        self.accepted = accepted
    }

    /// Whether a text is meant as a JWT: opaque tokens have no dots.
    package static func isJWT(_ text: String) -> Bool { text.utf8.contains(UInt8(ascii: ".")) }

    /// Makes a JWT for a live session.
    /// - Parameters:
    ///   - now: Redis's time, by which gateways examine it.
    ///   - client: the name of the service key that asks for it, or `self`.
    package func mint(_ session: LiveSession, now: Timestamp, client: String) async throws -> MintedJWT {
        let iat = now.milliseconds / 1000
        let lifetime = self.configuration.claims.lifetime.inMilliseconds / 1000
        var generator = SystemRandomNumberGenerator()
        var claims = SessionClaims(
            iss: self.configuration.claims.issuer,
            aud: self.configuration.claims.audience,
            sub: session.user.text,
            clientID: client,
            sid: session.id.description,
            jti: Base64URL.encode((0..<12).map { _ in UInt8.random(in: .min ... .max, using: &generator) }),
            iat: iat,
            // Nodes agree on Redis's time to a few milliseconds, which may be those around a full second.
            nbf: iat - 1,
            exp: min(iat + lifetime, session.absoluteDeadline.milliseconds / 1000),
            authTime: session.authenticatedAt.milliseconds / 1000,
            amr: session.factors,
            roles: session.roles,
            org: session.organization
        )
        claims.jti += Base64URL.encode(self.tokenKeys.binding(.jwt, claims.message))
        return MintedJWT(text: try await self.signing.sign(claims), expiresAt: claims.exp)
    }

    /// Examines a JWT: header, signature, `iss`, `aud`, `jti`, `nbf`, `exp`. Whether its session lives is asked next.
    /// - Parameter now: Redis's time.
    package func verify(_ text: String, now: Timestamp) async -> JWTVerdict {
        guard text.utf8.count <= Self.maximumBytes,
            let key = self.accepted.first(where: { text.utf8.starts(with: $0.prefix.utf8) }),
            let claims = await key.claims(of: text),
            claims.iss.utf8.elementsEqual(self.configuration.claims.issuer.utf8),
            claims.aud.utf8.elementsEqual(self.configuration.claims.audience.utf8),
            let session = SessionID(claims.sid), self.isOurs(claims)
        else { return .refused }
        let details = JWTDetails(
            session: session,
            issuer: claims.iss,
            audience: claims.aud,
            client: claims.clientID,
            id: claims.jti,
            issuedAt: claims.iat,
            notBefore: claims.nbf,
            expiresAt: claims.exp
        )
        let seconds = now.milliseconds / 1000
        if seconds < claims.nbf { return .refused }
        return seconds < claims.exp ? .good(details) : .expired(details)
    }

    /// Whether a gateway made these very claims.
    private func isOurs(_ claims: SessionClaims) -> Bool {
        // 12 bytes are 16 characters, and the code's 17 bytes 23.
        guard claims.jti.utf8.count == 39, let code = Self.bytes(claims.jti.utf8.dropFirst(16)) else {
            return false
        }
        var plain = claims
        plain.jti = String(claims.jti.prefix(16))
        return self.tokenKeys.isBinding(code, .jwt, plain.message)
    }

    private static func bytes(_ text: some Sequence<UInt8>) -> [UInt8]? {
        Base64URL.decode(Array(text), count: TokenKeyRing.bindingLength)
    }
}
