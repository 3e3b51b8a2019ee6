import JWTKit
import SessionCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One key with the only header that JWTs signed with it have.
///
/// A JWT is looked at only if its header is, byte for byte, the one that we write. So there is no `none` and no other
/// algorithm (RFC 8725 3.1), no `jwk`, `jku`, `x5u` or `crit` to follow (3.10), and no type but ours (3.11): nothing
/// that a stranger wrote is parsed before its signature has been found good.
struct JWTSigningKey: Sendable {
    /// The first part of the JWT, and its dot.
    let prefix: String
    private let header: JWTHeader
    private let keys: JWTKeyCollection

    init(_ key: JWTConfiguration.Key) async {
        self.prefix =
            Base64URL.encode(Array(#"{"alg":"HS256","kid":"\#(key.id)","typ":"at+jwt"}"#.utf8)) + "."
        self.header = JWTHeader(fields: [
            "alg": .string("HS256"), "kid": .string(key.id), "typ": .string("at+jwt"),
        ])
        self.keys = await JWTKeyCollection().add(
            hmac: HMACKey(from: key.secret),
            digestAlgorithm: .sha256,
            kid: JWKIdentifier(string: key.id),
            serializer: DefaultJWTSerializer(jsonEncoder: HeaderJSON.encoder)
        )
    }

    func sign(_ claims: SessionClaims) async throws -> String {
        try await self.keys.sign(claims, header: self.header)
    }

    /// The claims of a JWT that begins with ``prefix``, if its signature is right.
    func claims(of text: String) async -> SessionClaims? {
        guard Self.isCanonicalSignature(text.utf8.suffix(44)) else { return nil }
        return try? await self.keys.verify(text, as: SessionClaims.self)
    }

    /// A dot and 43 characters that are the only way to write 32 bytes: two texts of one JWT would be one too many
    /// for whoever keeps lists of them.
    private static func isCanonicalSignature(_ text: some Collection<UInt8>) -> Bool {
        text.first == UInt8(ascii: ".") && Base64URL.decode(Array(text.dropFirst()), count: 32) != nil
    }
}

/// JSON with the names in order, so that the header is what ``JWTSigningKey/prefix`` says.
enum HeaderJSON {
    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
