import HTTPTypes
import Hummingbird
import SessionAuthentication
import SessionCore

/// Sends people who are not logged in to the login page: `/check?redirect=302`, or `redirect=401` for proxies that
/// can only hand on a 401, whose `Location` they then use.
struct LoginRedirect: Sendable {
    /// The status of the answer, 302 or 401.
    private let status: HTTPResponse.Status
    /// Path and query that the person asked for, where the check's own path says so.
    private var target: String?

    /// What a check's query asks for; `nil` when it asks for no redirect.
    /// - Throws: ``Problem`` 400 for another value.
    init?(_ request: Request) throws(Problem) {
        let wanted = (request.uri.query ?? "").split(separator: "&").filter { $0.hasPrefix("redirect=") }
        guard let first = wanted.first else { return nil }
        switch (wanted.count, first) {
        case (1, "redirect=302"): self.status = .found
        case (1, "redirect=401"): self.status = .unauthorized
        default: throw .badParameter("redirect", "must be 302 or 401")
        }
    }

    /// For Envoy, which asks below `prefix` for the path and query of the request that it asks about, and hands the
    /// answer on.
    init(_ request: Request, below prefix: String) {
        self.status = .found
        self.target = String(request.uri.description.dropFirst(prefix.count))
    }

    /// The redirect for somebody who has no good session; `nil` when they get the denial instead: no login page is
    /// configured, or what asks is a program and not a person.
    func response(to call: RouteCall, _ denial: CheckDenial) -> Response? {
        let configuration = call.front.configuration
        guard let login = configuration.loginURL, denial.status == .unauthorized else { return nil }
        var original = OriginalRequest(
            call.request,
            isTrusted: call.isFromTrustedProxy,
            isSecure: configuration.tls != nil
        )
        if let target, call.isFromTrustedProxy { original.target = target }
        guard Self.isForPage(call.request.headers, original) else { return nil }
        var response = self.status == .found ? Response(status: .found) : denial.response(isHead: false)
        response.headers[.cacheControl] = "no-store"
        response.headers[.location] = Self.location(login, original, configuration.loginReturnHosts)
        return response
    }

    /// Whether a browser asks for a page to show. Programs, and scripts in pages, want a 401.
    static func isForPage(_ headers: HTTPFields, _ original: OriginalRequest) -> Bool {
        func value(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] }?.lowercased() }
        return ["GET", "HEAD"].contains(original.method)
            && value("Accept")?.contains("text/html") ?? false
            && value("X-Requested-With") == nil
            && value("Upgrade") == nil
            && value("Sec-Fetch-Mode") ?? "navigate" == "navigate"
    }

    /// The login page's URL with the way back in `return_to`, if it leads to a host of the list.
    static func location(_ login: String, _ original: OriginalRequest, _ hosts: [HostPattern]) -> String {
        guard let url = original.url, hosts.contains(where: { $0.matches(original.host) }) else {
            return login
        }
        return login + (login.contains("?") ? "&" : "?") + "return_to=" + Self.encoded(url)
    }

    /// All but the unreserved characters (RFC 3986 2.3) percent-encoded.
    private static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
