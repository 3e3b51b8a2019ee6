/// Where a Redis listens, and how the way there is protected.
package struct RedisEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// A socket address.
    package enum Address: Sendable, Hashable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    /// How the server's certificate is judged.
    package struct TLS: Sendable, Hashable {
        /// Whose signature makes a certificate good.
        package enum Trust: Sendable, Hashable {
            /// The certificate authorities of the operating system.
            case system
            /// The authorities in a PEM file.
            case file(path: String)
            /// Any certificate, unverified: protects from listening only, not from a false server.
            case insecureAny
        }

        /// Whose signature makes a certificate good.
        package var trust: Trust
        /// The name that the certificate must bear, unless it bears the peer's IP address; nil for the host of the
        /// address.
        package var serverName: String?

        /// TLS, by default with the system's authorities and the address's host name.
        package init(trust: Trust = .system, serverName: String? = nil) {
            self.trust = trust
            self.serverName = serverName
        }
    }

    /// The socket address.
    package var address: Address
    /// Nil for no TLS.
    package var tls: TLS?

    /// An endpoint; without TLS unless told.
    package init(_ address: Address, tls: TLS? = nil) {
        self.address = address
        self.tls = tls
    }

    /// A TCP endpoint.
    package static func tcp(_ host: String, port: Int = 6379, tls: TLS? = nil) -> RedisEndpoint {
        RedisEndpoint(.tcp(host: host, port: port), tls: tls)
    }

    /// A unix domain socket.
    package static func unix(_ path: String) -> RedisEndpoint {
        RedisEndpoint(.unix(path: path))
    }

    /// For logs; holds no secret.
    package var description: String {
        switch address {
        case .tcp(let host, let port): "\(tls == nil ? "redis" : "rediss")://\(host):\(port)"
        case .unix(let path): "unix://\(path)"
        }
    }
}
