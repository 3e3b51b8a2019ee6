import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The signature of Standard Webhooks 1.0, symmetric: it binds the body to the id and the time of sending.
package enum WebhookSignature {
    /// `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
    /// - Parameter timestamp: seconds since 1970.
    package static func text(id: String, timestamp: Int64, body: [UInt8], secret: [UInt8]) -> String {
        var code = HMAC<SHA256>(key: SymmetricKey(data: secret))
        code.update(data: Array("\(id).\(timestamp).".utf8))
        code.update(data: body)
        return "v1," + Data(code.finalize()).base64EncodedString()
    }
}
