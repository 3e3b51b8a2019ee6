import GatewayAPI
package import HTTPTypes
import SessionAuthentication
package import SessionCore
import SessionGateway

/// The answers of `/check`: as bytes for the hot path, as headers for the route. Both come from here.
package struct CheckAnswers: Sendable {
    /// Which headers carry the identity.
    package let family: IdentityHeaders
    private let denials: [RawAnswer]
    private let headDenials: [RawAnswer]

    /// Prepares the answers.
    package init(family: IdentityHeaders) {
        self.family = family
        let cases = CheckDenial.allCases
        func render(_ denial: CheckDenial, isHead: Bool) -> RawAnswer {
            RawAnswer(status: denial.status, fields: denial.headers, body: denial.body, isHead: isHead)
        }
        self.denials = cases.map { render($0, isHead: false) }
        self.headDenials = cases.map { render($0, isHead: true) }
    }

    /// The headers of a 204 for a session.
    package func fields(for session: LiveSession) -> HTTPFields {
        var fields = self.family.fields(for: session)
        fields[.cacheControl] = "no-store"
        return fields
    }

    /// The ready-made 204 of a session, kept in its near-cache entry; the date is put in when it is sent.
    package func render(_ session: LiveSession) -> [UInt8] {
        RawAnswer(status: .noContent, fields: self.fields(for: session)).bytes
    }

    /// The ready-made answer of a denial.
    func raw(_ denial: CheckDenial, isHead: Bool) -> RawAnswer {
        let answers = isHead ? self.headDenials : self.denials
        let index = CheckDenial.allCases.firstIndex(of: denial) ?? 0
        return answers[index]
    }
}

/// The family of headers that tell a proxy, and the application behind it, whose session it is.
package enum IdentityHeaders: String, Sendable, CaseIterable {
    /// `X-Session-Id`, `-User`, `-Organization`, `-Roles`, `-Factors`, `-Expires`, `-Auth-Time`.
    case session = "x-session"
    /// `Remote-User`, `Remote-Groups`, as Authelia and many applications have them.
    case remote = "remote"
    /// `X-Auth-Request-User`, `X-Auth-Request-Groups`, as oauth2-proxy has them.
    case authRequest = "x-auth-request"

    /// The headers for a session. Lists are joined by commas, which neither roles nor factors contain.
    package func fields(for session: LiveSession) -> HTTPFields {
        var fields = HTTPFields()
        func add(_ name: String, _ value: String?) {
            guard let value, !value.isEmpty, let name = HTTPField.Name(name) else { return }
            fields.append(HTTPField(name: name, value: value))
        }
        let user = Self.encode(session.user.text)
        let roles = session.roles.map(Self.encode).joined(separator: ",")
        switch self {
        case .session:
            add("X-Session-Id", session.id.description)
            add("X-Session-User", user)
            add("X-Session-Organization", session.organization.map(Self.encode))
            add("X-Session-Roles", roles)
            add("X-Session-Factors", session.factors.map(Self.encode).joined(separator: ","))
            add("X-Session-Expires", session.absoluteDeadline.wire.description)
            add("X-Session-Auth-Time", session.authenticatedAt.wire.description)
        case .remote:
            add("Remote-User", user)
            add("Remote-Groups", roles)
        case .authRequest:
            add("X-Auth-Request-User", user)
            add("X-Auth-Request-Groups", roles)
        }
        return fields
    }

    /// Percent-encodes every byte that is not visible ASCII, and the percent sign, so that any name fits into a
    /// header and comes back as the same bytes.
    static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "%") {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
