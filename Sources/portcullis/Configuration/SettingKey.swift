/// The name of a setting: its flag without the dashes, and, in capitals, its environment variable.
enum SettingKey: String, CaseIterable, Sendable {
    case redisURL = "redis-url"
    case keyPrefix = "key-prefix"
    case commandTimeout = "command-timeout"
    case dataDirectory = "data-dir"
    case listen
    case nodeName = "node-name"
    case eventLoops = "event-loops"
    case tlsCertificate = "tls-certificate"
    case tlsKey = "tls-key"
    case maxConnections = "max-connections"
    case connectionIdleTimeout = "connection-idle-timeout"
    case drainTimeout = "drain-timeout"
    case allowedOrigins = "allowed-origins"
    case administratorRole = "administrator-role"
    case organizationAdministratorRole = "organization-administrator-role"
    case trustedProxies = "trusted-proxies"
    case loginURL = "login-url"
    case loginReturnHosts = "login-return-hosts"
    case tokenSecret = "token-secret"
    case tokenSecretFile = "token-secret-file"
    case serviceKeysFile = "service-keys-file"
    case jwtSecret = "jwt-secret"
    case jwtSecretFile = "jwt-secret-file"
    case jwtIssuer = "jwt-issuer"
    case jwtAudience = "jwt-audience"
    case jwtLifetime = "jwt-lifetime"
    case preset
    case idleTimeout = "idle-timeout"
    case absoluteTimeout = "absolute-timeout"
    case rememberIdleTimeout = "remember-idle-timeout"
    case rememberAbsoluteTimeout = "remember-absolute-timeout"
    case maxSessions = "max-sessions"
    case limitBehaviour = "limit-behaviour"
    case rotationInterval = "rotation-interval"
    case rotationGrace = "rotation-grace"
    case retention
    case auditRetention = "audit-retention"
    case auditEntries = "audit-entries"
    case lease
    case strict
    case nearCacheCapacity = "near-cache-capacity"
    case outageGrace = "outage-grace"
    case cookieSecure = "cookie-secure"
    case cookieSameSite = "cookie-same-site"
    case cookieName = "cookie-name"
    case identityHeaders = "identity-headers"
    case activityEntries = "activity-entries"
    case recordActivity = "record-activity"
    case eventListeners = "event-listeners"
    case webhooksFile = "webhooks-file"
    case webhookTimeout = "webhook-timeout"
    case webhookGiveUp = "webhook-give-up"
    case logLevel = "log-level"
    case logFormat = "log-format"

    static let environmentPrefix = "PORTCULLIS_"

    /// `PORTCULLIS_REDIS_URL` for `redis-url`.
    var environmentName: String {
        Self.environmentPrefix + self.rawValue.uppercased().replacing("-", with: "_")
    }
}
