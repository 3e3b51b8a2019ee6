package import GatewayAPI
package import SessionAuthentication
package import SessionJWT

/// How the front is set up.
package struct FrontConfiguration: Sendable {
    /// Where to listen.
    package enum Address: Sendable, Equatable {
        /// A host name or address, and a port; port 0 takes a free one.
        case host(String, port: Int)
        /// A unix domain socket. An existing one is replaced.
        case unixSocket(path: String)
    }

    /// Certificate chain and key for HTTPS, as PEM files.
    package struct TLS: Sendable, Equatable {
        package var certificateFile: String
        package var keyFile: String

        package init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// Where to listen.
    package var address: Address = .host("127.0.0.1", port: 8080)
    /// HTTPS; without it, plain HTTP for use behind a proxy.
    package var tls: TLS?
    /// The cookie that carries browsers' tokens.
    package var cookie = SessionCookie()
    /// Which headers tell a proxy whose session it is.
    package var identityHeaders = IdentityHeaders.session
    /// Sessions with this role may use the administrators' calls.
    package var administratorRole = "portcullis:admin"
    /// Sessions with this role and an organization may see and end that organization's sessions.
    package var organizationAdministratorRole = "portcullis:org-admin"
    /// Origins, besides the request's own host, whose pages may make changes with a cookie and read answers (CORS):
    /// `https://app.example`.
    package var allowedOrigins: Set<String> = []
    /// Whose `X-Forwarded-…` headers count.
    package var trustedProxies = TrustedProxies()
    /// Where `/check?redirect=…` sends people who are not logged in.
    package var loginURL: String?
    /// Hosts to which a login may lead back.
    package var loginReturnHosts: [HostPattern] = []
    /// Whether what trusted proxies ask about is recorded in the sessions' timelines. Such checks take the route.
    package var recordsActivity = false
    /// How long a stream of events may be silent; at the latest then it is found out that its listener may no longer
    /// listen.
    package var eventHeartbeat: Duration = .seconds(15)
    /// The receivers of webhooks, as administrators see them.
    package var webhooks: [WebhookJSON] = []
    /// Makes and examines JWTs; `nil` where JWT mode is off.
    package var jwt: JWTIssuer?
    /// The most connections at a time. More wait in the listening socket's queue.
    package var maximumConnections = 10_000
    /// 1 to 1,000,000 connections.
    package static let maximumConnectionsRange = 1...1_000_000
    /// How long a connection may stay without a request, in whole seconds.
    package var idleTimeout: Duration {
        get { .seconds(self.limits.idle) }
        set { self.limits.idle = Int(newValue.components.seconds) }
    }
    /// A second to an hour.
    package static let idleTimeoutRange: ClosedRange<Duration> = .seconds(1) ... .seconds(3600)
    /// How long a shutdown waits for requests under way, in whole seconds.
    package var shutdownGrace: Duration {
        get { .seconds(self.limits.shutdownGrace) }
        set { self.limits.shutdownGrace = Int(newValue.components.seconds) }
    }
    /// 0 to 5 minutes.
    package static let shutdownGraceRange: ClosedRange<Duration> = .zero ... .seconds(300)
    /// Whether plain `/check` requests are answered before the HTTP decoder. Off only in tests that compare.
    package var isHotPathOn = true

    var limits = ConnectionLimits()

    /// The defaults.
    package init() {}
}
