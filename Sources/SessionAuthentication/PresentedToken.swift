package import HTTPTypes

/// How a request carried its token.
public enum TokenTransport: Sendable, Equatable {
    /// In our cookie. Browsers send it by themselves, so changes need protection against forged requests.
    case cookie
    /// In `Authorization: Bearer`.
    case bearer
}

/// What a request carries as session token: never more than one, and never in the URL.
package enum PresentedToken: Sendable, Equatable {
    /// Nothing.
    case none
    /// One token, as it was sent.
    case one(String, TokenTransport)
    /// Two cookies of our name, two `Authorization` headers, or both transports at once. The request is
    /// refused: which one counts would be anybody's guess, and an attacker's choice.
    case ambiguous

    /// Reads the headers of a request.
    package init(_ headers: HTTPFields, cookie: SessionCookie) {
        var cookies = 0
        var cookieValue = ""
        for var value in headers[values: .cookie] {
            value.withUTF8 { bytes in
                let found = CookieScanner.find(cookie.nameBytes, in: bytes)
                if found.count > 0, cookies == 0 {
                    cookieValue = String(
                        decoding: UnsafeBufferPointer(rebasing: bytes[found.value]),
                        as: UTF8.self
                    )
                }
                cookies += found.count
            }
        }
        let authorizations = headers[values: .authorization]
        let bearer = authorizations.first.flatMap { Self.bearer($0) }
        switch (cookies, bearer, authorizations.count) {
        case (0, nil, 0...1): self = .none
        case (0, .some(let token), 1): self = .one(token, .bearer)
        case (1, nil, 0...1): self = .one(cookieValue, .cookie)
        default: self = .ambiguous
        }
    }

    /// The credential of `Bearer <credential>`, the scheme in any case (RFC 9110 11.1); `nil` for another
    /// scheme.
    package static func bearer(_ value: String) -> String? {
        let bytes = value.utf8
        guard bytes.prefix(6).map({ $0 | 0x20 }) == Array("bearer".utf8) else { return nil }
        let rest = bytes.dropFirst(6)
        guard rest.first == nil || rest.first == 0x20 else { return nil }
        return String(Substring(rest.drop { $0 == 0x20 }))
    }
}
