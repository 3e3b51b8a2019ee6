import Crypto
import SessionCore

/// The service keys of the configuration, held as SHA-256 digests.
///
/// A key is the text `pk_<name>_<secret>`; a line of the configuration is `name:scopes:digest`, the scopes
/// joined by `+`, the digest that of the whole key text in hexadecimal:
///
///     web-app:check+create:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
///
/// A key of the scope admin alone may be bound to an organization, which is then the fourth field and may itself have
/// colons in it.
public struct ServiceKeyRing: Sendable {
    /// What is wrong with a line of the configuration.
    public struct LineError: Error, Sendable, Equatable, CustomStringConvertible {
        /// Which line, counted from 1.
        public let line: Int
        /// What is expected. It repeats nothing of the line, which may hold a key pasted by mistake.
        public let reason: String

        public var description: String { "service key \(self.line): \(self.reason)" }
    }

    /// A new key: its text, shown once, and the line that goes into the configuration.
    public struct Generated: Sendable {
        /// `pk_<name>_<secret>`.
        public let key: String
        /// `name:scopes:digest`, and `:organization` for a key that is bound to one.
        public let line: String
    }

    private var entries: [(key: ServiceKey, digest: [UInt8])] = []

    /// No keys: every one is refused.
    public init() {}

    /// Reads the lines of the configuration.
    /// - Throws: ``LineError`` for the first line that is not as it should be.
    public init(lines: [String]) throws(LineError) {
        for (index, line) in lines.enumerated() {
            func fail(_ reason: String) -> LineError { LineError(line: index + 1, reason: reason) }
            let parts = line.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
            guard parts.count >= 3 else {
                throw fail("must be name:scopes:sha256 or name:admin:sha256:organization")
            }
            guard ServiceKey.isName(parts[0]) else {
                throw fail("the name must be 1 to 64 letters, digits and hyphens")
            }
            let name = String(parts[0])
            guard !self.entries.contains(where: { $0.key.name == name }) else {
                throw fail("there is another key of this name")
            }
            var scopes: Set<ServiceScope> = []
            for word in parts[1].split(separator: "+", omittingEmptySubsequences: false) {
                guard let scope = ServiceScope(rawValue: String(word)) else {
                    throw fail("the scopes must be check, create or admin, joined by +")
                }
                scopes.insert(scope)
            }
            guard parts[2].utf8.count == 64, let digest = Hexadecimal.bytes(parts[2]) else {
                throw fail("the digest must be 64 hexadecimal digits")
            }
            guard !self.entries.contains(where: { $0.digest == digest }) else {
                throw fail("the same key is there under another name")
            }
            var organization: String?
            if parts.count == 4 {
                guard scopes == [.admin] else {
                    throw fail("only a key with the scope admin alone can be bound to an organization")
                }
                guard let name = try? InputRules.name(String(parts[3]), field: "organization") else {
                    throw fail("the organization must be 1 to 256 bytes without control characters")
                }
                organization = name
            }
            let key = ServiceKey(name: name, scopes: scopes, organization: organization)
            self.entries.append((key, digest))
        }
    }

    /// Whether there are no keys.
    public var isEmpty: Bool { self.entries.isEmpty }

    /// The key that `presented` is; `nil` when it is none. Compares with every key and takes the same time
    /// wherever they differ.
    public func verify(_ presented: String) -> ServiceKey? {
        let digest = Array(SHA256.hash(data: Array(presented.utf8)))
        var found: ServiceKey?
        for entry in self.entries {
            var difference: UInt8 = 0
            for (lhs, rhs) in zip(entry.digest, digest) { difference |= lhs ^ rhs }
            if difference == 0 { found = entry.key }
        }
        return found
    }

    /// Whether a Bearer credential is meant as a service key. Session tokens never begin so: their first byte
    /// is the version.
    public static func isServiceKey(_ text: some StringProtocol) -> Bool {
        text.utf8.starts(with: "pk_".utf8)
    }

    /// Makes a key of 256 random bits.
    /// - Returns: `nil` when the name is not 1 to 64 letters, digits and hyphens, or there is no scope.
    public static func generate(
        name: String,
        scopes: Set<ServiceScope>,
        organization: String? = nil
    ) -> Generated? {
        guard ServiceKey.isName(name), !scopes.isEmpty else { return nil }
        if let organization {
            guard scopes == [.admin], (try? InputRules.name(organization, field: "organization")) != nil
            else {
                return nil
            }
        }
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        // 43 characters of 62 are 256 bits. Without - and _, so that a double click selects all of it.
        let secret = (0..<43).compactMap { _ in alphabet.randomElement(using: &generator) }
        let key = "pk_" + name + "_" + String(decoding: secret, as: UTF8.self)
        let words = ServiceScope.allCases.filter(scopes.contains).map(\.rawValue).joined(separator: "+")
        let digest = Hexadecimal.text(SHA256.hash(data: Array(key.utf8)))
        let fields = [name, words, digest] + (organization.map { [$0] } ?? [])
        return Generated(key: key, line: fields.joined(separator: ":"))
    }
}
