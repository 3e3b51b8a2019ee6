import JWTKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Signs a receiver's tokens, HS256 with the receiver's secret.
struct TokenSigner: Sendable {
    private let header: JWTHeader
    private let keys: JWTKeyCollection

    init(secret: [UInt8], type: String) async {
        self.header = JWTHeader(fields: ["alg": .string("HS256"), "typ": .string(type)])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        self.keys = await JWTKeyCollection().add(
            hmac: HMACKey(from: secret),
            digestAlgorithm: .sha256,
            serializer: DefaultJWTSerializer(jsonEncoder: encoder)
        )
    }

    func sign(_ claims: some JWTPayload) async throws -> String {
        try await self.keys.sign(claims, header: self.header)
    }
}
