import Foundation
import HTTPFront
import Logging
import SessionAuthentication
import SessionCore

/// What a node is told, read and examined.
struct NodeConfiguration: Sendable {
    /// `nil`: start a private Redis.
    var redisURL: String?
    var keyPrefix: String
    var commandTimeout: Duration
    /// `nil` when none was given and the environment names no home.
    var dataDirectory: String?
    var listen: ListenAddress
    var nodeName: String?
    var eventLoops: Int
    var tls: TLSFiles?
    var maxConnections: Int
    var connectionIdleTimeout: Duration
    var drainTimeout: Duration
    var allowedOrigins: [String]
    var administratorRole: String
    var organizationAdministratorRole: String
    var trustedProxies: TrustedProxies
    var loginURL: String?
    var loginReturnHosts: [HostPattern]
    var tokenSecret: String?
    var tokenSecretFile: String?
    var serviceKeysFile: String?
    var jwtSecret: String?
    var jwtSecretFile: String?
    var jwtIssuer: String
    var jwtAudience: String
    var jwtLifetime: Duration
    var policy: SessionPolicy
    var auditRetention: Duration
    var auditEntries: Int
    var lease: Lease.Configuration
    var isStrict: Bool
    var nearCacheCapacity: Int
    var outageGrace: Duration
    var isCookieSecure: Bool
    var cookieSameSite: SessionCookie.SameSite
    var cookieName: String
    var identityHeaders: IdentityHeaders
    var activityEntries: Int
    var recordsActivity: Bool
    var eventListeners: Int
    var webhooksFile: String?
    var webhookTimeout: Duration
    var webhookGiveUp: Duration
    var logLevel: Logger.Level
    var logFormat: LogFormat

    /// PEM files.
    struct TLSFiles: Sendable, Equatable {
        let certificate: String
        let key: String
    }

    /// - Throws: ``ConfigurationError`` for settings that do not go together.
    init(_ settings: Resolution, environment: [String: String]) throws(ConfigurationError) {
        self.redisURL = settings.text(.redisURL)
        self.keyPrefix = try settings.required(.keyPrefix)
        self.commandTimeout = try settings.duration(.commandTimeout)
        self.dataDirectory = settings.text(.dataDirectory) ?? Self.stateFolder(environment)
        self.listen = try settings.address(.listen)
        self.nodeName = settings.text(.nodeName)
        self.eventLoops = try settings.integer(.eventLoops)
        self.tls = try Self.tls(settings)
        self.maxConnections = try settings.integer(.maxConnections)
        self.connectionIdleTimeout = try settings.duration(.connectionIdleTimeout)
        self.drainTimeout = try settings.duration(.drainTimeout)
        self.allowedOrigins = try settings.list(.allowedOrigins)
        self.administratorRole = try settings.required(.administratorRole)
        self.organizationAdministratorRole = try settings.required(.organizationAdministratorRole)
        self.trustedProxies = try Self.trustedProxies(settings)
        self.loginURL = try Self.loginURL(settings)
        self.loginReturnHosts = try Self.loginReturnHosts(settings)
        self.tokenSecret = settings.text(.tokenSecret)
        self.tokenSecretFile = settings.text(.tokenSecretFile)
        self.serviceKeysFile = settings.text(.serviceKeysFile)
        self.jwtSecret = settings.text(.jwtSecret)
        self.jwtSecretFile = settings.text(.jwtSecretFile)
        self.jwtIssuer = try settings.required(.jwtIssuer)
        self.jwtAudience = try settings.required(.jwtAudience)
        self.jwtLifetime = try settings.duration(.jwtLifetime)
        self.policy = try Self.policy(settings)
        self.auditRetention = try settings.duration(.auditRetention)
        self.auditEntries = try settings.integer(.auditEntries)
        self.lease = Lease.Configuration(length: try settings.duration(.lease))
        self.isStrict = try settings.boolean(.strict)
        self.nearCacheCapacity = try settings.integer(.nearCacheCapacity)
        self.outageGrace = try settings.duration(.outageGrace)
        self.isCookieSecure = try settings.boolean(.cookieSecure)
        let sameSite = try settings.required(.cookieSameSite)
        self.cookieSameSite =
            SessionCookie.SameSite.allCases.first { $0.rawValue.lowercased() == sameSite } ?? .lax
        self.cookieName = try settings.required(.cookieName)
        self.identityHeaders = try settings.choice(.identityHeaders)
        self.activityEntries = try settings.integer(.activityEntries)
        self.recordsActivity = try settings.boolean(.recordActivity)
        self.eventListeners = try settings.integer(.eventListeners)
        self.webhooksFile = settings.text(.webhooksFile)
        self.webhookTimeout = try settings.duration(.webhookTimeout)
        self.webhookGiveUp = try settings.duration(.webhookGiveUp)
        self.logLevel = try settings.choice(.logLevel)
        self.logFormat = try settings.choice(.logFormat)
        try self.examine(settings)
    }

    private func examine(_ settings: Resolution) throws(ConfigurationError) {
        for (text, file) in [
            (SettingKey.tokenSecret, SettingKey.tokenSecretFile), (.jwtSecret, .jwtSecretFile),
        ]
        where settings.text(text) != nil && settings.text(file) != nil {
            let origins = [text, file].compactMap { settings.entry($0)?.origin }
            throw ConfigurationError(
                "\(text.rawValue) and \(file.rawValue) exclude each other; both are given: "
                    + origins.map(\.description).joined(separator: ", ")
            )
        }
        // RFC 6265 4.1.1: a token. A prefix of one's own would make promises that the attributes may not keep.
        guard self.cookieName.utf8.allSatisfy(Self.isTokenCharacter), !self.cookieName.hasPrefix("__") else {
            throw ConfigurationError(
                "cookie-name: must be letters, digits and !#$%&'*+-.^_`|~, and not begin with two underscores"
            )
        }
        guard self.organizationAdministratorRole != self.administratorRole else {
            throw ConfigurationError(
                "organization-administrator-role: must not be the administrator-role, which opens everything"
            )
        }
        if self.cookieSameSite == .none, !self.isCookieSecure {
            throw ConfigurationError(
                "cookie-same-site none needs cookie-secure: browsers refuse the cookie else"
            )
        }
        for origin in self.allowedOrigins {
            let rest = ["https://", "http://"].first(where: origin.hasPrefix).map {
                origin.dropFirst($0.count)
            }
            guard let rest, !rest.isEmpty, !rest.contains(where: { "/?#@ ".contains($0) }) else {
                throw ConfigurationError(
                    "allowed-origins: '\(PlainText.escaped(origin))' must be scheme, host and port only, as in "
                        + "https://app.example"
                )
            }
        }
        guard self.keyPrefix.utf8.allSatisfy({ !"{}:*?[] ".utf8.contains($0) }) else {
            throw ConfigurationError("key-prefix: must not contain braces, brackets, colons, * ? or spaces")
        }
    }

    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// Where systemd, or else the user's desktop rules, want state to be kept.
    static func stateFolder(_ environment: [String: String]) -> String? {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        if let folders = value("STATE_DIRECTORY") {
            return folders.split(separator: ":").first.map(String.init)
        }
        if let folder = value("XDG_STATE_HOME") { return folder + "/portcullis" }
        return value("HOME").map { $0 + "/.local/state/portcullis" }
    }

    private static func tls(_ settings: Resolution) throws(ConfigurationError) -> TLSFiles? {
        switch (settings.text(.tlsCertificate), settings.text(.tlsKey)) {
        case (nil, nil): return nil
        case (.some(let certificate), .some(let key)): return TLSFiles(certificate: certificate, key: key)
        case (.some, nil): throw ConfigurationError("tls-certificate is given without tls-key")
        case (nil, .some): throw ConfigurationError("tls-key is given without tls-certificate")
        }
    }

    private static func policy(_ settings: Resolution) throws(ConfigurationError) -> SessionPolicy {
        var policy = SessionPolicy()
        if let name = settings.text(.preset), let preset = SessionPreset(rawValue: name) {
            policy = preset.applied(to: policy)
        }
        func take(_ key: SettingKey, _ path: WritableKeyPath<SessionPolicy, Duration>)
            throws(ConfigurationError)
        {
            if settings.isGiven(key) { policy[keyPath: path] = try settings.duration(key) }
        }
        try take(.idleTimeout, \.idleTimeout)
        try take(.absoluteTimeout, \.absoluteTimeout)
        try take(.rememberIdleTimeout, \.rememberIdleTimeout)
        try take(.rememberAbsoluteTimeout, \.rememberAbsoluteTimeout)
        try take(.rotationInterval, \.rotationInterval)
        try take(.rotationGrace, \.rotationGrace)
        try take(.retention, \.retention)
        policy.maximumSessions = try settings.integer(.maxSessions)
        policy.limitBehaviour = try settings.choice(.limitBehaviour)
        // `SESSION_TIMEOUT_DAYS=7` alone must not fall foul of a 24 h that nobody asked for.
        if !settings.isGiven(.absoluteTimeout) {
            policy.absoluteTimeout = max(policy.absoluteTimeout, policy.idleTimeout)
        }
        if !settings.isGiven(.rememberAbsoluteTimeout) {
            policy.rememberAbsoluteTimeout = max(policy.rememberAbsoluteTimeout, policy.rememberIdleTimeout)
        }
        do {
            try policy.validate()
        } catch {
            let origins = [
                SettingKey.idleTimeout, .absoluteTimeout, .rememberIdleTimeout, .rememberAbsoluteTimeout,
                .rotationInterval,
            ]
            .filter(settings.isGiven)
            .compactMap { key in settings.entry(key).map { "\(key.rawValue) from \($0.origin)" } }
            throw ConfigurationError("\(error.field) \(error.reason) (\(origins.joined(separator: ", ")))")
        }
        return policy
    }
}
