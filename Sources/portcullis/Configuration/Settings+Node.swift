import HTTPFront
import Logging
import SessionGateway

extension Setting {
    /// The node and its Redis.
    static let node: [Setting] = [
        Setting(
            "redis-url",
            "redis.url",
            \.redisURL,
            .text(bytes: 1...4096),
            note: "a private Redis",
            secrecy: .urlPassword,
            "redis://, rediss:// or unix:// URL; without one a private redis-server is started"
        ),
        Setting(
            "key-prefix",
            "redis.key-prefix",
            \.gateway.keyPrefix,
            .text(bytes: GatewayConfiguration.keyPrefixBytes),
            "what all Redis keys and channels begin with"
        ),
        Setting(
            "command-timeout",
            "redis.command-timeout",
            \.gateway.commandTimeout,
            .duration(GatewayConfiguration.commandTimeoutRange),
            "how long one Redis command may take"
        ),
        Setting(
            "data-dir",
            "data-dir",
            \.dataDirectory,
            .path,
            note: "the user's state folder",
            "where a private Redis and generated secrets are kept"
        ),
        Setting(
            "listen",
            "listen",
            \.listen,
            .address,
            "where to listen; port 0: any"
        ),
        Setting(
            "node-name",
            "node-name",
            \.nodeName,
            .text(bytes: 1...128),
            note: "host name and address",
            "the node's name in lists of nodes"
        ),
        Setting(
            "event-loops",
            "event-loops",
            \.eventLoops,
            .integer(NodeConfiguration.eventLoopsRange),
            "threads that serve requests; 0: one a processor"
        ),
        Setting(
            "tls-certificate",
            "tls.certificate",
            \.tlsCertificate,
            .path,
            note: "no TLS",
            "PEM file of the certificate chain"
        ),
        Setting(
            "tls-key",
            "tls.key",
            \.tlsKey,
            .path,
            note: "no TLS",
            "PEM file of the certificate's private key"
        ),
        Setting(
            "max-connections",
            "limits.connections",
            \.front.maximumConnections,
            .integer(FrontConfiguration.maximumConnectionsRange),
            "the most connections at a time"
        ),
        Setting(
            "connection-idle-timeout",
            "limits.connection-idle-timeout",
            \.front.idleTimeout,
            .wholeSeconds(FrontConfiguration.idleTimeoutRange),
            "how long a connection may stay without a request"
        ),
        Setting(
            "drain-timeout",
            "drain-timeout",
            \.front.shutdownGrace,
            .wholeSeconds(FrontConfiguration.shutdownGraceRange),
            "how long requests in flight may take after SIGTERM"
        ),
        Setting(
            "log-level",
            "log.level",
            \.logLevel,
            .choice(Logger.Level.allCases.map(\.rawValue)),
            "the least important messages that are logged"
        ),
        Setting(
            "log-format",
            "log.format",
            \.logFormat,
            .choice(LogFormat.allCases.map(\.rawValue)),
            "json: an object a line; text: for people"
        ),
    ]
}
