import HTTPTypes
import Hummingbird

/// The request that a proxy asks about: as the proxy tells it, if it is trusted, else as far as the request for the
/// check tells by itself.
struct OriginalRequest: Sendable, Equatable {
    var method: String
    /// `http` or `https`.
    var scheme: String
    /// Host and port; empty when unknown.
    var host: String
    /// Path and query; `nil` when unknown.
    var target: String?

    init(_ request: Request, isTrusted: Bool, isSecure: Bool) {
        self.method = request.method.rawValue
        self.scheme = isSecure ? "https" : "http"
        self.host = request.head.authority ?? ""
        guard isTrusted else { return }
        // One that is there twice says nothing.
        func values(_ name: String) -> [String] {
            HTTPField.Name(name).map { request.headers[values: $0] } ?? []
        }
        func value(_ name: String) -> String? { values(name).count == 1 ? values(name)[0] : nil }
        self.scheme = value("X-Forwarded-Proto")?.lowercased() ?? self.scheme
        self.host = value("X-Forwarded-Host") ?? self.host
        // A proxy says it in one of two ways, and what comes in the other may be its client's. Host and scheme decide
        // nothing: a balancer in front of a proxy that says X-Original-URL sets them too.
        if values("X-Forwarded-Method").isEmpty, values("X-Forwarded-Uri").isEmpty {
            self.method = value("X-Original-Method") ?? self.method
            if let url = value("X-Original-URL") { self.take(url: url) }
        } else {
            self.method = value("X-Forwarded-Method") ?? self.method
            self.target = value("X-Forwarded-Uri")
        }
    }

    /// Takes `https://host/path?query`, as ingress-nginx sends it, or only path and query.
    private mutating func take(url: String) {
        guard let mark = url.firstRange(of: "://") else {
            self.target = url
            return
        }
        let rest = url[mark.upperBound...]
        let host = rest.prefix { $0 != "/" && $0 != "?" }
        self.scheme = url[..<mark.lowerBound].lowercased()
        self.host = String(host)
        self.target = String(rest[host.endIndex...])
    }

    /// The URL; `nil` unless all parts are known and of the characters that URLs have.
    var url: String? {
        guard ["http", "https"].contains(self.scheme), let target, target.utf8.first == UInt8(ascii: "/"),
            target.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }),
            (1...255).contains(self.host.utf8.count), HostAndPort(self.host) != nil
        else { return nil }
        return "\(self.scheme)://\(self.host)\(target)"
    }
}
