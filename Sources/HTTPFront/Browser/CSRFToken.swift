import HTTPTypes
import Hummingbird
import SessionAuthentication
import SessionCore
import SessionGateway

/// The signed double-submit token: 12 random bytes, and a code over them and the session id, made with a key that is
/// derived from the token secret. It comes as a cookie that scripts can read, and goes back in that cookie *and* in
/// `X-CSRF-Token`. Another site can make a browser send neither a header nor, without the key, a cookie that fits the
/// session. It stays good when the session's token is rotated.
struct CSRFToken: Sendable {
    let text: String

    /// A new one for a session.
    init(of session: SessionID, _ front: Front) {
        var generator = SystemRandomNumberGenerator()
        let nonce = Base64URL.encode((0..<12).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
        self.text = nonce + Base64URL.encode(front.gateway.binding(.csrf, Self.message(nonce, session)))
    }

    /// Whether a text was made for the session by any node.
    static func isGood(_ text: String, of session: SessionID, _ front: Front) -> Bool {
        // 12 bytes are 16 characters, and the code's 17 bytes 23.
        guard text.utf8.count == 39,
            let code = Base64URL.decode(Array(text.utf8.dropFirst(16)), count: TokenKeyRing.bindingLength)
        else { return false }
        return front.gateway.isBinding(code, .csrf, Self.message(String(text.prefix(16)), session))
    }

    private static func message(_ nonce: String, _ session: SessionID) -> [UInt8] {
        Array("\(nonce) \(session)".utf8)
    }
}

extension Front {
    /// `__Host-csrf_token`, or `csrf_token` without Secure.
    private var csrfCookieName: String {
        self.configuration.cookie.isSecure ? "__Host-csrf_token" : "csrf_token"
    }

    /// The value of `Set-Cookie` for a token. No HttpOnly: the page's script copies it into the header. `None` where
    /// the session's cookie is, because pages of allowed origins need it along.
    func csrfCookie(_ token: CSRFToken) -> String {
        "\(self.csrfCookieName)=\(token.text)\(self.csrfAttributes)"
    }

    /// The value of `Set-Cookie` that takes the cookie of a request away; `nil` when it has none.
    func clearingCSRFCookie(_ request: Request) -> String? {
        self.csrfCookies(request).isEmpty ? nil : "\(self.csrfCookieName)=; Max-Age=0\(self.csrfAttributes)"
    }

    /// Whether the header and the one cookie are the same token, and it is the session's.
    func hasCSRFToken(_ request: Request, of session: SessionID) -> Bool {
        let headers = HTTPField.Name("X-CSRF-Token").map { request.headers[values: $0] } ?? []
        let cookies = self.csrfCookies(request)
        guard headers.count == 1, cookies.count == 1, let header = headers.first, let cookie = cookies.first,
            header.utf8.elementsEqual(cookie.utf8)
        else { return false }
        return CSRFToken.isGood(header, of: session, self)
    }

    private var csrfAttributes: String {
        let cookie = self.configuration.cookie
        let sameSite = cookie.sameSite == .none ? "None" : "Strict"
        return "; Path=/; SameSite=\(sameSite)" + (cookie.isSecure ? "; Secure" : "")
    }

    /// The values of all cookies of the name; of a name that a header has twice, an empty one as well, so that they
    /// are never just one.
    private func csrfCookies(_ request: Request) -> [String] {
        let name = Array(self.csrfCookieName.utf8)
        var values: [String] = []
        for var header in request.headers[values: .cookie] {
            header.withUTF8 { bytes in
                let found = CookieScanner.find(name, in: bytes)
                guard found.count > 0 else { return }
                values.append(
                    String(decoding: UnsafeBufferPointer(rebasing: bytes[found.value]), as: UTF8.self)
                )
                if found.count > 1 { values.append("") }
            }
        }
        return values
    }
}
