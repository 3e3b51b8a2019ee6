/// How to reach Redis and how long to wait for it.
package struct RedisConfiguration: Sendable {
    /// Where Redis listens.
    package var endpoint: RedisEndpoint
    /// The ACL user; nil for the default user.
    package var username: String?
    /// The password; nil sends no AUTH.
    package var password: String?
    /// The logical database, 0 or more; a Cluster has only 0.
    package var database: Int = 0
    /// Shown by `CLIENT LIST`; must not hold spaces. Nil sends no name.
    package var clientName: String?
    /// From the first attempt to open the socket to the last reply of the handshake.
    package var connectTimeout: Duration = .milliseconds(300)
    /// How long a command may wait for its reply when the call does not say.
    package var commandTimeout: Duration = .milliseconds(400)
    /// Replies that one connection may be waiting for, abandoned ones included.
    package var maxPendingPerConnection: Int = 10_000
    /// The pause before the first reconnect. Together with ``maxReconnectDelay`` and ``connectTimeout`` this keeps
    /// recovery within one second of Redis being back.
    package var baseReconnectDelay: Duration = .milliseconds(10)
    /// The longest pause between reconnects.
    package var maxReconnectDelay: Duration = .milliseconds(250)
    /// The longest reply accepted, in bytes.
    package var maxReplyBytes: Int = 64 << 20
    /// The role a server must have for a connection to become usable; nil takes any. A replica would answer every
    /// write with READONLY.
    package var requiredRole: String? = "master"
    /// A connection that has received nothing for this long is pinged, so that one which a firewall has forgotten is
    /// found before somebody waits for it.
    package var keepAliveInterval: Duration = .seconds(5)
    /// How often the subscription connection is pinged; it is dropped when nothing at all arrives for as long again.
    package var subscriptionPingInterval: Duration = .seconds(1)

    /// A configuration with the defaults.
    package init(
        endpoint: RedisEndpoint,
        username: String? = nil,
        password: String? = nil,
        database: Int = 0,
        clientName: String? = nil
    ) {
        self.endpoint = endpoint
        self.username = username
        self.password = password
        self.database = database
        self.clientName = clientName
    }
}
