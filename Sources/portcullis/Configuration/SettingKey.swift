/// The name of a setting: its flag without the dashes, and, in capitals, its environment variable. Every row of the table
/// has its own.
struct SettingKey: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
    let rawValue: String

    init(rawValue: String) { self.rawValue = rawValue }
    init(stringLiteral value: StaticString) { self.rawValue = "\(value)" }

    static let environmentPrefix = "PORTCULLIS_"

    /// `PORTCULLIS_REDIS_URL` for `redis-url`.
    var environmentName: String {
        Self.environmentPrefix + self.rawValue.uppercased().replacing("-", with: "_")
    }
}

/// Settings that rules beside the table name; the table's tests say whether there still is one.
extension SettingKey {
    static let redisURL: SettingKey = "redis-url"
    static let keyPrefix: SettingKey = "key-prefix"
    static let dataDirectory: SettingKey = "data-dir"
    static let listen: SettingKey = "listen"
    static let tlsKey: SettingKey = "tls-key"
    static let connectionIdleTimeout: SettingKey = "connection-idle-timeout"
    static let drainTimeout: SettingKey = "drain-timeout"
    static let allowedOrigins: SettingKey = "allowed-origins"
    static let organizationAdministratorRole: SettingKey = "organization-administrator-role"
    static let trustedProxies: SettingKey = "trusted-proxies"
    static let loginURL: SettingKey = "login-url"
    static let loginReturnHosts: SettingKey = "login-return-hosts"
    static let tokenSecret: SettingKey = "token-secret"
    static let tokenSecretFile: SettingKey = "token-secret-file"
    static let serviceKeysFile: SettingKey = "service-keys-file"
    static let jwtSecret: SettingKey = "jwt-secret"
    static let jwtSecretFile: SettingKey = "jwt-secret-file"
    static let preset: SettingKey = "preset"
    static let idleTimeout: SettingKey = "idle-timeout"
    static let absoluteTimeout: SettingKey = "absolute-timeout"
    static let rememberIdleTimeout: SettingKey = "remember-idle-timeout"
    static let rememberAbsoluteTimeout: SettingKey = "remember-absolute-timeout"
    static let maxSessions: SettingKey = "max-sessions"
    static let rotationInterval: SettingKey = "rotation-interval"
    static let retention: SettingKey = "retention"
    static let lease: SettingKey = "lease"
    static let cookieSecure: SettingKey = "cookie-secure"
    static let cookieSameSite: SettingKey = "cookie-same-site"
    static let cookieName: SettingKey = "cookie-name"
    static let webhooksFile: SettingKey = "webhooks-file"
    static let logLevel: SettingKey = "log-level"
    static let logFormat: SettingKey = "log-format"
}
