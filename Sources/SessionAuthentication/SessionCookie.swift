/// The cookie that carries a browser's token: HttpOnly, for the whole site, and with the `__Host-` prefix
/// whenever it is Secure, so that no other host of the domain can set it (RFC 6265bis 4.1.3).
public struct SessionCookie: Sendable, Equatable {
    /// When browsers send the cookie along with requests from other sites.
    public enum SameSite: String, Sendable, CaseIterable {
        /// Only with top-level navigation.
        case lax = "Lax"
        /// Never.
        case strict = "Strict"
        /// Always; browsers want the cookie to be Secure then.
        case none = "None"
    }

    /// `__Host-session_token`, or `session_token` without Secure, unless called otherwise.
    public let name: String
    /// Sent over HTTPS only.
    public let isSecure: Bool
    /// When it goes along with requests from other sites.
    public let sameSite: SameSite
    package let nameBytes: [UInt8]

    /// - Parameters:
    ///   - isSecure: off only for development over plain HTTP.
    ///   - sameSite: `Lax` unless told otherwise.
    ///   - name: what follows `__Host-`: a token of RFC 6265 4.1.1.
    public init(isSecure: Bool = true, sameSite: SameSite = .lax, name: String = "session_token") {
        self.name = isSecure ? "__Host-" + name : name
        self.isSecure = isSecure
        self.sameSite = sameSite
        self.nameBytes = Array(self.name.utf8)
    }

    /// The value of `Set-Cookie` for a token.
    /// - Parameter lifetime: for a remembered session, its absolute deadline from now; without it the cookie
    ///   ends with the browser.
    public func setting(token: String, lifetime: Duration? = nil) -> String {
        let age = lifetime.map { "; Max-Age=\(max(0, $0.components.seconds))" } ?? ""
        return "\(self.name)=\(token)\(age)\(self.attributes)"
    }

    /// The value of `Set-Cookie` that removes the cookie: the same attributes, or browsers keep it.
    public var clearing: String { "\(self.name)=; Max-Age=0\(self.attributes)" }

    private var attributes: String {
        "; Path=/; HttpOnly; SameSite=\(self.sameSite.rawValue)" + (self.isSecure ? "; Secure" : "")
    }
}
