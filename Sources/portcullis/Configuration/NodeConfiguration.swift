import HTTPFront
import Logging
import Notifications
import SessionAuthentication
import SessionCore
import SessionGateway
import SessionJWT

/// What a node is told, read and examined. Each property is the place of a setting, or holds the configuration of a part,
/// which owns its defaults and ranges.
struct NodeConfiguration: Sendable {
    /// The gateway's; where Redis is and what signs tokens comes to it when the node starts.
    var gateway = GatewayConfiguration.template()
    /// The front's; address, TLS, cookie, proxies and JWTs come to it when the node starts.
    var front = FrontConfiguration()
    /// How webhooks are delivered; the receivers are read from the file.
    var webhooks = WebhookConfiguration(receivers: [])
    /// What JWTs say.
    var jwt = JWTConfiguration.Claims()

    /// `nil`: start a private Redis.
    var redisURL: String?
    /// `nil` when none was given and the environment names no home.
    var dataDirectory: String?
    var listen = ListenAddress.tcp(host: "127.0.0.1", port: 7171)
    var nodeName: String?
    /// 0: one a processor.
    var eventLoops = 0
    static let eventLoopsRange = 0...256
    /// PEM files.
    var tlsCertificate: String?
    var tlsKey: String?
    var trustedProxies: [String] = []
    var loginReturnHosts: [String] = []
    var tokenSecret: String?
    var tokenSecretFile: String?
    var serviceKeysFile: String?
    var jwtSecret: String?
    var jwtSecretFile: String?
    var preset: SessionPreset?
    var isCookieSecure = true
    var cookieSameSite = SessionCookie.SameSite.lax
    var cookieName = "session_token"
    var webhooksFile: String?
    var logLevel = Logger.Level.info
    var logFormat = LogFormat.json

    /// The defaults.
    init() {}

    /// - Throws: ``ConfigurationError`` for settings that do not go together.
    init(_ settings: Resolution, environment: [String: String]) throws(ConfigurationError) {
        if let name = settings.entry(.preset)?.value?.text, let preset = SessionPreset(rawValue: name) {
            self.gateway.policy = preset.applied(to: self.gateway.policy)
        }
        try settings.store(in: &self)
        self.dataDirectory = self.dataDirectory ?? Self.stateFolder(environment)
        try self.examine(settings)
        try self.settle(settings)
    }
}

extension NodeConfiguration {
    /// Where systemd, or else the user's desktop rules, want state to be kept.
    static func stateFolder(_ environment: [String: String]) -> String? {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        if let folders = value("STATE_DIRECTORY") {
            return folders.split(separator: ":").first.map(String.init)
        }
        if let folder = value("XDG_STATE_HOME") { return folder + "/portcullis" }
        return value("HOME").map { $0 + "/.local/state/portcullis" }
    }
}
