import Foundation
import Logging
import Notifications
import ServiceKeys
import SessionCore
import SessionJWT

/// Finds a node's secrets: those that sign tokens, and the service keys.
enum NodeSecrets {
    /// Name of the generated token secret in the data folder.
    static let fileName = "token-secret"

    /// The secrets that were given; `nil` when none were.
    /// - Throws: ``ConfigurationError``, also when none were given and Redis is not private: nodes that share a
    ///   Redis must share their secrets, and nobody can guess them.
    static func given(_ configuration: NodeConfiguration, logger: Logger) throws -> TokenKeyRing? {
        if let text = configuration.tokenSecret {
            return try TokenSecrets.keyRing(text, source: "token-secret")
        }
        if let file = configuration.tokenSecretFile {
            self.warnIfOpen(file, logger: logger)
            return try TokenSecrets.keyRing(try self.text(of: file, setting: .tokenSecretFile), source: file)
        }
        guard configuration.redisURL == nil else {
            throw ConfigurationError(
                "a token secret is needed with redis-url, the same on all nodes: make one with "
                    + "'openssl rand -hex 32' and give it as \(SettingKey.tokenSecret.environmentName) or in a file "
                    + "named by --\(SettingKey.tokenSecretFile.rawValue)"
            )
        }
        return nil
    }

    /// The keys and claims of JWTs; `nil` when no secret was given.
    /// - Throws: ``ConfigurationError``.
    static func jwt(_ configuration: NodeConfiguration, logger: Logger) throws -> JWTConfiguration? {
        var jwt: JWTConfiguration
        if let text = configuration.jwtSecret {
            jwt = try TokenSecrets.jwt(text, source: "jwt-secret")
        } else if let file = configuration.jwtSecretFile {
            self.warnIfOpen(file, logger: logger)
            jwt = try TokenSecrets.jwt(try self.text(of: file, setting: .jwtSecretFile), source: file)
        } else {
            return nil
        }
        jwt.claims = configuration.jwt
        return jwt
    }

    /// The secret of a node with a Redis of its own, made at the first start.
    static func generated(in directory: DataDirectory) throws -> TokenKeyRing {
        let text = try directory.text(of: self.fileName, orMake: TokenSecrets.generate)
        return try TokenSecrets.keyRing(text, source: "\(directory.path)/\(self.fileName)")
    }

    /// The lines of the file of service keys, without empty ones and those from `#`.
    static func serviceKeyLines(_ configuration: NodeConfiguration) throws -> [String] {
        guard let file = configuration.serviceKeysFile else { return [] }
        return try self.text(of: file, setting: .serviceKeysFile).split(whereSeparator: \.isNewline)
            .map(\.trimmed).filter { !$0.isEmpty && !$0.hasPrefix("#") }
    }

    /// The keys of those lines.
    /// - Throws: ``ConfigurationError``.
    static func serviceKeys(_ lines: [String], source: String?) throws -> ServiceKeyRing {
        do {
            return try ServiceKeyRing(lines: lines)
        } catch {
            throw ConfigurationError("\(source ?? "service keys"): \(error)")
        }
    }

    /// Who receives webhooks, and how.
    /// - Throws: ``ConfigurationError``.
    static func webhooks(_ configuration: NodeConfiguration, logger: Logger) throws -> WebhookConfiguration {
        guard let file = configuration.webhooksFile else { return configuration.webhooks }
        self.warnIfOpen(file, logger: logger)
        let receivers = try WebhooksFile.parse(
            try self.text(of: file, setting: .webhooksFile),
            source: file,
            issuer: configuration.jwt.issuer
        )
        var webhooks = configuration.webhooks
        webhooks.receivers = receivers
        return webhooks
    }

    private static func text(of file: String, setting: SettingKey) throws -> String {
        guard let data = FileManager.default.contents(atPath: file),
            let text = String(validating: data, as: UTF8.self)
        else { throw ConfigurationError("\(setting.rawValue): cannot read '\(PlainText.escaped(file))'") }
        return text
    }

    private static func warnIfOpen(_ file: String, logger: Logger) {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        guard let mode = attributes?[.posixPermissions] as? Int, mode & 0o007 != 0 else { return }
        logger.warning(
            "Everybody on this machine can read the secret; chmod 600 it",
            metadata: ["file": "\(file)"]
        )
    }
}
