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
        var lines = HeaderLines(capacity: 256)
        self.family.write(session, to: &lines)
        var fields: HTTPFields = [.cacheControl: "no-store"]
        for line in String(decoding: lines.bytes, as: UTF8.self).split(separator: "\r\n") {
            let parts = line.split(separator: ": ", maxSplits: 1)
            guard parts.count == 2, let name = HTTPField.Name(String(parts[0])) else { continue }
            fields.append(HTTPField(name: name, value: String(parts[1])))
        }
        return fields
    }

    /// The part of a session's 204 that is its own, kept in its near-cache entry: it follows ``head(date:)``.
    package func render(_ session: LiveSession) -> [UInt8] {
        var lines = HeaderLines(capacity: 384)
        self.family.write(session, to: &lines)
        lines.append("\r\n")
        // Exactly as long as needed: many are kept.
        return lines.bytes.withUnsafeBufferPointer { Array($0) }
    }

    /// What every 204 begins with. RFC 9110 8.6: a 204 has no Content-Length.
    static func head(date: [UInt8]) -> [UInt8] {
        var lines = HeaderLines(capacity: 96)
        lines.append("HTTP/1.1 204 No Content\r\nDate: ")
        lines.append(date)
        lines.append("\r\nCache-Control: no-store\r\n")
        return lines.bytes
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

    /// Writes the headers for a session.
    func write(_ session: LiveSession, to lines: inout HeaderLines) {
        switch self {
        case .session:
            lines.add("X-Session-Id", session.id)
            lines.add("X-Session-User", session.user.text)
            lines.add("X-Session-Organization", session.organization)
            lines.add("X-Session-Roles", list: session.roles)
            lines.add("X-Session-Factors", list: session.factors)
            lines.add("X-Session-Expires", session.absoluteDeadline)
            lines.add("X-Session-Auth-Time", session.authenticatedAt)
        case .remote:
            lines.add("Remote-User", session.user.text)
            lines.add("Remote-Groups", list: session.roles)
        case .authRequest:
            lines.add("X-Auth-Request-User", session.user.text)
            lines.add("X-Auth-Request-Groups", list: session.roles)
        }
    }
}
