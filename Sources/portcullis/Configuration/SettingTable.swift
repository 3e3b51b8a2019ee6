import HTTPFront
import Logging
import SessionAuthentication
import SessionCore

extension Setting {
    private static let day = Duration.seconds(86_400)

    /// All settings in the order in which they are shown.
    static let table: [Setting] = [
        Setting(
            .redisURL,
            "redis.url",
            .text(bytes: 1...4096),
            note: "a private Redis",
            secrecy: .urlPassword,
            "redis://, rediss:// or unix:// URL; without one a private redis-server is started"
        ),
        Setting(
            .keyPrefix,
            "redis.key-prefix",
            .text(bytes: 1...32),
            default: "pc",
            "what all Redis keys and channels begin with"
        ),
        Setting(
            .commandTimeout,
            "redis.command-timeout",
            .duration(.milliseconds(20) ... .seconds(10)),
            default: "400ms",
            "how long one Redis command may take"
        ),
        Setting(
            .dataDirectory,
            "data-dir",
            .path,
            note: "the user's state folder",
            "where a private Redis and generated secrets are kept"
        ),
        Setting(.listen, "listen", .address, default: "127.0.0.1:7171", "where to listen; port 0: any"),
        Setting(
            .nodeName,
            "node-name",
            .text(bytes: 1...128),
            note: "host name and address",
            "the node's name in lists of nodes"
        ),
        Setting(
            .eventLoops,
            "event-loops",
            .integer(0...256),
            default: "0",
            "threads that serve requests; 0: one a processor"
        ),
        Setting(
            .tlsCertificate,
            "tls.certificate",
            .path,
            note: "no TLS",
            "PEM file of the certificate chain"
        ),
        Setting(.tlsKey, "tls.key", .path, note: "no TLS", "PEM file of the certificate's private key"),
        Setting(
            .maxConnections,
            "limits.connections",
            .integer(1...1_000_000),
            default: "10000",
            "the most connections at a time"
        ),
        Setting(
            .connectionIdleTimeout,
            "limits.connection-idle-timeout",
            .wholeSeconds(.seconds(1) ... .seconds(3600)),
            default: "60s",
            "how long a connection may stay without a request"
        ),
        Setting(
            .drainTimeout,
            "drain-timeout",
            .wholeSeconds(.zero ... .seconds(300)),
            default: "10s",
            "how long requests in flight may take after SIGTERM"
        ),
        Setting(
            .allowedOrigins,
            "allowed-origins",
            .list,
            default: "",
            "origins beside the node's own whose pages may use the calls for browsers, as in https://app.example"
        ),
        Setting(
            .administratorRole,
            "administrator-role",
            .text(bytes: 1...64),
            default: "portcullis:admin",
            "sessions with this role may use the administrators' calls"
        ),
        Setting(
            .organizationAdministratorRole,
            "organization-administrator-role",
            .text(bytes: 1...64),
            default: "portcullis:org-admin",
            "sessions with this role and an organization may see and end that organization's sessions"
        ),
        Setting(
            .trustedProxies,
            "forward-auth.trusted-proxies",
            .list,
            default: "",
            "whose X-Forwarded-… headers count: addresses or blocks as in 10.0.0.0/8, or unix for the unix socket"
        ),
        Setting(
            .loginURL,
            "forward-auth.login-url",
            .text(bytes: 1...2048),
            note: "no redirects",
            "where /check?redirect=302 (or 401) sends people who are not logged in"
        ),
        Setting(
            .loginReturnHosts,
            "forward-auth.login-return-hosts",
            .list,
            default: "",
            "hosts to which a login may lead back (return_to), as in app.example, *.example or app.example:8443"
        ),
        Setting(
            .tokenSecret,
            "token.secret",
            .text(bytes: 1...65536),
            note: "see token-secret-file",
            secrecy: .all,
            "the secrets that sign tokens, id:base64 or id:hex, the first signs"
        ),
        Setting(
            .tokenSecretFile,
            "token.secret-file",
            .path,
            note: "generated with a private Redis",
            "file of secrets that sign tokens, a line each: id:base64 or id:hex; the first signs"
        ),
        Setting(
            .serviceKeysFile,
            "service-keys-file",
            .path,
            note: "no service keys",
            "file of service keys, lines as printed by 'portcullis key generate'"
        ),
        Setting(
            .jwtSecret,
            "jwt.secret",
            .text(bytes: 1...65536),
            note: "see jwt-secret-file",
            secrecy: .all,
            "the secrets that sign JWTs, id:base64 or id:hex, the first signs"
        ),
        Setting(
            .jwtSecretFile,
            "jwt.secret-file",
            .path,
            note: "no JWTs",
            "file of secrets that sign JWTs, a line each as in token-secret-file"
        ),
        Setting(.jwtIssuer, "jwt.issuer", .text(bytes: 1...256), default: "portcullis", "the iss of JWTs"),
        Setting(
            .jwtAudience,
            "jwt.audience",
            .text(bytes: 1...256),
            default: "portcullis",
            "the aud of JWTs"
        ),
        Setting(
            .jwtLifetime,
            "jwt.lifetime",
            .duration(.seconds(60)...Self.day),
            default: "60m",
            "how long a JWT is good, if its session lives that long"
        ),
        Setting(
            .preset,
            "session.preset",
            .choice(SessionPreset.allCases.map(\.rawValue)),
            note: "none",
            "a named set of timeouts; timeouts given one by one go before it"
        ),
        Setting(
            .idleTimeout,
            "session.idle-timeout",
            .duration(.seconds(60)...(Self.day * 90)),
            default: "60m",
            "how long a session lives without activity"
        ),
        Setting(
            .absoluteTimeout,
            "session.absolute-timeout",
            .duration(.seconds(60)...(Self.day * 400)),
            default: "24h",
            "how long a session lives at most; without a value never below the idle timeout"
        ),
        Setting(
            .rememberIdleTimeout,
            "session.remember-idle-timeout",
            .duration(.seconds(60)...(Self.day * 400)),
            default: "30d",
            "the idle timeout with 'remember me'"
        ),
        Setting(
            .rememberAbsoluteTimeout,
            "session.remember-absolute-timeout",
            .duration(.seconds(60)...(Self.day * 400)),
            default: "30d",
            "the absolute timeout with 'remember me'"
        ),
        Setting(
            .maxSessions,
            "session.max-sessions",
            .integer(0...1000),
            default: "10",
            "the most sessions of a user; 0: unlimited"
        ),
        Setting(
            .limitBehaviour,
            "session.limit-behaviour",
            .choice(SessionPolicy.LimitBehaviour.allCases.map(\.rawValue)),
            default: "revoke-oldest",
            "what a login at the limit does"
        ),
        Setting(
            .rotationInterval,
            "session.rotation-interval",
            .duration(.zero...(Self.day * 400)),
            default: "0",
            "the age from which a token is due for rotation; 0: never, otherwise at least 60s"
        ),
        Setting(
            .rotationGrace,
            "session.rotation-grace",
            .duration(.zero ... .seconds(300)),
            default: "10s",
            "how long a token that was rotated out still counts"
        ),
        Setting(
            .retention,
            "session.retention",
            .duration(.zero...(Self.day * 400)),
            default: "7d",
            "how long ended sessions can be looked at"
        ),
        Setting(
            .auditRetention,
            "audit.retention",
            .duration(.seconds(60)...(Self.day * 4000)),
            default: "90d",
            "how long the audit log keeps an entry"
        ),
        Setting(
            .auditEntries,
            "audit.entries",
            .integer(1000...100_000_000),
            default: "1000000",
            "about how many entries the audit log keeps at most"
        ),
        Setting(
            .lease,
            "cache.lease",
            .duration(.milliseconds(50) ... .seconds(60)),
            default: "500ms",
            "the longest that a revocation waits for a silent node"
        ),
        Setting(.strict, "cache.strict", .boolean, default: "false", "ask Redis on every check"),
        Setting(
            .nearCacheCapacity,
            "cache.capacity",
            .integer(1...100_000_000),
            default: "200000",
            "the most sessions kept in memory"
        ),
        Setting(
            .outageGrace,
            "cache.outage-grace",
            .duration(.zero ... .seconds(3600)),
            default: "0",
            "how long sessions in memory count while Redis is away; revocations may be missed meanwhile"
        ),
        Setting(
            .cookieSecure,
            "cookie.secure",
            .boolean,
            default: "true",
            "whether the cookie travels over HTTPS only and is named __Host-session_token"
        ),
        Setting(
            .cookieSameSite,
            "cookie.same-site",
            .choice(SessionCookie.SameSite.allCases.map { $0.rawValue.lowercased() }),
            default: "lax",
            "the cookie's SameSite"
        ),
        Setting(
            .cookieName,
            "cookie.name",
            .text(bytes: 1...64),
            default: "session_token",
            "the cookie's name; __Host- is put before it with cookie-secure"
        ),
        Setting(
            .identityHeaders,
            "identity-headers",
            .choice(IdentityHeaders.allCases.map(\.rawValue)),
            default: "x-session",
            "which headers tell who is logged in"
        ),
        Setting(
            .activityEntries,
            "session.activity-entries",
            .integer(0...1000),
            default: "200",
            "how many entries the timeline of a session keeps; 0: none"
        ),
        Setting(
            .recordActivity,
            "forward-auth.record-activity",
            .boolean,
            default: "false",
            "whether what trusted proxies ask about goes into the sessions' timelines"
        ),
        Setting(
            .eventListeners,
            "events.listeners",
            .integer(0...100_000),
            default: "1000",
            "the most listeners to the stream of events at a time, on each node"
        ),
        Setting(
            .webhooksFile,
            "webhooks.file",
            .path,
            note: "no webhooks",
            "file of those who receive webhooks, the same on all nodes; see the README"
        ),
        Setting(
            .webhookTimeout,
            "webhooks.timeout",
            .duration(.milliseconds(100) ... .seconds(60)),
            default: "5s",
            "how long a webhook's receiver may take to answer"
        ),
        Setting(
            .webhookGiveUp,
            "webhooks.give-up",
            .duration(.seconds(1)...(Self.day * 30)),
            default: "24h",
            "the age from which an event that cannot be delivered is passed over"
        ),
        Setting(
            .logLevel,
            "log.level",
            .choice(Logger.Level.allCases.map(\.rawValue)),
            default: "info",
            "the least important messages that are logged"
        ),
        Setting(
            .logFormat,
            "log.format",
            .choice(LogFormat.allCases.map(\.rawValue)),
            default: "json",
            "json: an object a line; text: for people"
        ),
    ]
}
