/// Where a node listens.
enum ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// A name or address and a port, 0 letting the system choose.
    case tcp(host: String, port: Int)
    /// The path of a socket.
    case unix(String)

    /// Longest path of a unix socket: `sun_path` has 108 bytes on Linux, the last being 0.
    static let longestSocketPath = 107

    /// Reads `host:port`, `[v6]:port` or `unix:/path`; `nil` for anything else.
    init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = text.dropFirst("unix:".count)
            guard path.hasPrefix("/"), (2...Self.longestSocketPath).contains(path.utf8.count) else {
                return nil
            }
            self = .unix(String(path))
            return
        }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        var host = text[..<colon]
        guard digits.allSatisfy(\.isASCII), let port = Int(digits), (0...65535).contains(port),
            !host.isEmpty, !host.contains(where: \.isWhitespace)
        else { return nil }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        self = .tcp(host: String(host), port: port)
    }

    var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// Whether only this machine can connect.
    var isLocal: Bool {
        switch self {
        case .tcp(let host, _): host == "localhost" || host == "::1" || host.hasPrefix("127.")
        case .unix: true
        }
    }
}
