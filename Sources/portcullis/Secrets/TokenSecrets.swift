import Foundation
import SessionCore
import SessionJWT

/// Reads and makes the secrets that sign tokens.
enum TokenSecrets {
    /// Reads secrets, one a line (or with commas between them): `id:secret`, the id 0 to 255, the secret at
    /// least 32 bytes in base 64 (either alphabet) or hexadecimal. The first signs, all are accepted. A single
    /// secret may go without an id, which is then 0. Empty lines and lines from `#` are passed over.
    ///
    /// - Parameter source: named in errors, which never repeat the secret.
    static func keyRing(_ text: String, source: String) throws(ConfigurationError) -> TokenKeyRing {
        let secrets = try self.secrets(text, source: source)
        do {
            let keys = try secrets.map { try TokenKeyRing.Key(id: $0.id, secret: $0.bytes) }
            return TokenKeyRing(signing: keys[0], accepted: Array(keys.dropFirst()))
        } catch {
            throw ConfigurationError("\(source): \(error)")
        }
    }

    /// Reads the secrets of JWTs, in the same form. The ids become `kid`s.
    static func jwt(_ text: String, source: String) throws(ConfigurationError) -> JWTConfiguration {
        let secrets = try self.secrets(text, source: source)
        do {
            let keys = try secrets.map { try JWTConfiguration.Key(id: "\($0.id)", secret: $0.bytes) }
            return JWTConfiguration(signing: keys[0], accepted: Array(keys.dropFirst()))
        } catch {
            throw ConfigurationError("\(source): \(error)")
        }
    }

    /// At least one secret, each with an id of its own.
    private static func secrets(_ text: String, source: String) throws(ConfigurationError) -> [Secret] {
        let entries = text.split { $0.isNewline || $0 == "," }.map(\.trimmed)
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }
        var keys: [Secret] = []
        for (index, entry) in entries.enumerated() {
            let key = try Self.key(
                entry,
                mayOmitID: entries.count == 1,
                source: "\(source), secret \(index + 1)"
            )
            guard !keys.contains(where: { $0.id == key.id }) else {
                throw ConfigurationError("\(source): the id \(key.id) is given twice")
            }
            keys.append(key)
        }
        guard !keys.isEmpty else {
            throw ConfigurationError("\(source): no token secret in it; make one with: openssl rand -hex 32")
        }
        return keys
    }

    private struct Secret {
        let id: UInt8
        let bytes: [UInt8]
    }

    /// A fresh secret as a line for the file.
    static func generate() -> String { "0:\(SecretBytes.random(32).base64EncodedString())" }

    private static func key(
        _ entry: String,
        mayOmitID: Bool,
        source: String
    ) throws(ConfigurationError) -> Secret {
        let parts = entry.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let id: UInt8
        let text: Substring
        switch (parts.count, parts.first, parts.last) {
        case (2, .some(let head), .some(let tail)):
            guard let number = UInt8(head.trimmed) else {
                throw ConfigurationError("\(source): the id before the colon must be 0 to 255")
            }
            (id, text) = (number, tail)
        case (1, .some(let whole), _) where mayOmitID: (id, text) = (0, whole)
        default:
            throw ConfigurationError("\(source): must be id:secret, as in 1:\("…base64 or hexadecimal…")")
        }
        guard let bytes = SecretBytes.decode(text.trimmed) else {
            throw ConfigurationError("\(source): neither base 64 nor hexadecimal")
        }
        guard bytes.count >= 32 else {
            throw ConfigurationError(
                "\(source): \(bytes.count) bytes; a token secret must be at least 32 bytes"
            )
        }
        return Secret(id: id, bytes: bytes)
    }
}

/// Bytes in and out of text.
enum SecretBytes {
    /// Bytes of the system's random number generator.
    static func random(_ count: Int) -> Data {
        var generator = SystemRandomNumberGenerator()
        return Data((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// Reads hexadecimal, or else base 64 of either alphabet, with or without padding.
    static func decode(_ text: String) -> [UInt8]? {
        if let bytes = Hexadecimal.bytes(text) { return bytes }
        var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        while base64.hasSuffix("=") { base64.removeLast() }
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        return Data(base64Encoded: base64).map(Array.init)
    }
}
