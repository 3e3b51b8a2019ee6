#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A Redis URL that cannot be used. Does not repeat the URL, which may hold a password.
package struct RedisURLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension RedisConfiguration {
    /// Reads a URL:
    /// - `redis://[user[:password]@]host[:port][/database]`, the port being 6379 when left out;
    /// - `rediss://…` for the same over TLS, with `?ca=/file.pem`, `?server_name=name` or `?insecure=true`;
    /// - `unix:///path/to/socket[?db=n]`, also `redis+unix://`.
    ///
    /// User and password are percent-decoded.
    /// - Throws: ``RedisURLError``, also for a query item that is not known.
    package static func parse(url: String) throws -> RedisConfiguration {
        guard let components = URLComponents(string: url), let scheme = components.scheme?.lowercased() else {
            throw RedisURLError("not a URL")
        }
        guard components.fragment == nil else { throw RedisURLError("a Redis URL has no fragment") }
        var query: [String: String] = [:]
        for item in components.queryItems ?? [] {
            guard query.updateValue(item.value ?? "", forKey: item.name) == nil else {
                throw RedisURLError("query item '\(item.name)' given twice")
            }
        }
        var configuration: RedisConfiguration
        switch scheme {
        case "redis", "rediss":
            configuration = RedisConfiguration(
                endpoint: try tcpEndpoint(components, secure: scheme == "rediss", query: &query)
            )
            let path = components.path.utf8.drop { $0 == UInt8(ascii: "/") }
            if !path.isEmpty {
                guard query["db"] == nil else { throw RedisURLError("the database is given twice") }
                query["db"] = String(decoding: path, as: UTF8.self)
            }
        case "unix", "redis+unix":
            guard components.host?.isEmpty ?? true, components.port == nil else {
                throw RedisURLError("a unix socket URL has three slashes before the path and no host")
            }
            guard components.path.utf8.count > 1 else { throw RedisURLError("no socket path") }
            configuration = RedisConfiguration(endpoint: .unix(components.path))
        default:
            throw RedisURLError("unknown scheme '\(scheme)': use redis, rediss or unix")
        }
        if let user = components.user, !user.isEmpty { configuration.username = user }
        if let password = components.password, !password.isEmpty { configuration.password = password }
        if configuration.username != nil, configuration.password == nil {
            throw RedisURLError("a user without a password")
        }
        if let database = query.removeValue(forKey: "db") {
            guard let number = Int(database), number >= 0 else {
                throw RedisURLError("the database must be a number, 0 or more")
            }
            configuration.database = number
        }
        if let unknown = query.keys.sorted().first { throw RedisURLError("unknown query item '\(unknown)'") }
        return configuration
    }

    private static func tcpEndpoint(
        _ components: URLComponents,
        secure: Bool,
        query: inout [String: String]
    ) throws -> RedisEndpoint {
        guard var host = components.host, !host.isEmpty else { throw RedisURLError("no host") }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        let port = components.port ?? 6379
        guard (1...65535).contains(port) else { throw RedisURLError("the port must be within 1...65535") }
        return .tcp(host, port: port, tls: secure ? try tls(&query) : nil)
    }

    private static func tls(_ query: inout [String: String]) throws -> RedisEndpoint.TLS {
        var tls = RedisEndpoint.TLS(serverName: query.removeValue(forKey: "server_name"))
        if let file = query.removeValue(forKey: "ca") { tls.trust = .file(path: file) }
        switch query.removeValue(forKey: "insecure") {
        case nil, "false": break
        case "true" where tls.trust == .system: tls.trust = .insecureAny
        case "true": throw RedisURLError("'ca' and 'insecure' exclude each other")
        default: throw RedisURLError("'insecure' is true or false")
        }
        return tls
    }
}
