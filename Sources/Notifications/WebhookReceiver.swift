package import SessionCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Who is told of what happens, and how.
package struct WebhookReceiver: Sendable, Equatable {
    /// What is sent.
    package enum Format: String, Sendable, CaseIterable {
        /// The event as JSON, signed as Standard Webhooks has it.
        case json
        /// A logout token (OpenID Connect Back-Channel Logout 1.0), for ends of sessions.
        case backchannelLogout = "backchannel-logout"
        /// A security event token (RFC 8417) with CAEP's `session-revoked`, pushed as in RFC 8935, for ends of
        /// sessions.
        case caep

        /// Whether it can tell of nothing but ends of sessions.
        package var isOfEnds: Bool { self != .json }
    }

    package let name: String
    package let url: String
    /// Scheme, host and port of ``url``: what may be shown.
    package let origin: String
    package let format: Format
    /// `iss` of tokens.
    package let issuer: String
    /// `aud` of tokens: the client id for logout tokens. Empty for JSON.
    package let audience: String
    /// Empty: all that the format can tell, but for refused attempts.
    package let kinds: [String]
    /// Empty: all.
    package let organizations: [String]
    let secret: [UInt8]
    private let filter: EventFilter

    /// Kinds that say that a session ended.
    private static let ends = EndKind.allCases.map(\.rawValue)
    /// Kinds that are told only to who asks for them by name: strangers can cause as many as they like, and each would
    /// put off what comes after it.
    private static let byName = [EventKind.refused.rawValue, EventKind.refusalsDropped.rawValue]

    /// - Parameters:
    ///   - secret: at least 32 bytes: a text, or `whsec_` and base64.
    ///   - audience: for tokens only, where it is needed.
    /// - Throws: ``InputError`` that names what is wrong.
    package init(
        name: String,
        url: String,
        secret: String,
        format: Format = .json,
        issuer: String = "portcullis",
        audience: String? = nil,
        kinds: [String] = [],
        organizations: [String] = []
    ) throws(InputError) {
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(Self.isPlain) else {
            throw InputError(
                field: "name",
                reason: "must be 1 to 64 letters, digits, dots, hyphens and underscores"
            )
        }
        self.name = name
        self.origin = try Self.origin(of: url)
        self.url = url
        self.secret = try Self.secret(secret)
        self.format = format
        self.issuer = try InputRules.name(issuer, field: "issuer")
        let field = format == .caep ? "audience" : "client_id"
        switch (format.isOfEnds, audience) {
        case (true, .some(let audience)): self.audience = try InputRules.name(audience, field: field)
        case (true, nil):
            throw InputError(field: field, reason: "is needed for the format \(format.rawValue)")
        case (false, .some): throw InputError(field: "audience", reason: "is for tokens only, not for json")
        case (false, nil): self.audience = ""
        }
        let known = format.isOfEnds ? Self.ends : EventKind.allCases.map(\.rawValue)
        if let unknown = kinds.first(where: { !known.contains($0) }) {
            throw InputError(
                field: "kinds",
                reason: "'\(unknown.prefix(32))' is none; for the format \(format.rawValue) there are "
                    + known.joined(separator: ", ")
            )
        }
        for organization in organizations { _ = try InputRules.name(organization, field: "organizations") }
        self.kinds = kinds
        self.organizations = organizations
        var filter = EventFilter()
        filter.kinds = Set(kinds.isEmpty && format.isOfEnds ? Self.ends : kinds)
        filter.organizations = Set(organizations.map { Array($0.utf8) })
        self.filter = filter
    }

    /// Whether it is told of an entry. Tokens are about sessions; that events are missing is told in JSON only.
    package func wants(_ entry: AuditEntry) -> Bool {
        if self.format.isOfEnds, entry.session == nil || EndKind(rawValue: entry.kind) == nil { return false }
        // Not a list of the others: another version of Portcullis may know more of them.
        if self.kinds.isEmpty, Self.byName.contains(entry.kind) { return false }
        return self.filter.matches(entry)
    }

    /// What is sent there may be seen by nobody on the way, and goes nowhere that was not meant.
    private static func origin(of url: String) throws(InputError) -> String {
        func wrong(_ reason: String) -> InputError { InputError(field: "url", reason: reason) }
        guard (1...2048).contains(url.utf8.count), url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
            let scheme = parts.scheme
        else { throw wrong("must be a URL such as https://shop.example/hooks, at most 2,048 bytes of ASCII") }
        guard parts.user == nil, parts.password == nil, !url.contains("@") else {
            throw wrong("must not hold a user name or password")
        }
        guard parts.fragment == nil else { throw wrong("must not have a fragment") }
        let isSecure = scheme == "https"
        guard isSecure || scheme == "http" && Self.isLoopback(host) else {
            throw wrong(
                "must begin with https://, or with http:// for this machine (127.0.0.1, [::1], localhost)"
            )
        }
        if let port = parts.port, !(1...65_535).contains(port) {
            throw wrong("must have a port of 1 to 65535")
        }
        return "\(scheme)://\(host)" + (parts.port.map { ":\($0)" } ?? "")
    }

    private static func isLoopback(_ host: String) -> Bool {
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        if bare == "localhost" { return true }
        guard let address = IPAddress(bare), let loopback = IPNetwork("127.0.0.0/8"),
            let own = IPNetwork("::1")
        else { return false }
        return loopback.contains(address) || own.contains(address)
    }

    /// The bytes that sign. Libraries for Standard Webhooks show their secrets as `whsec_` and base64.
    private static func secret(_ text: String) throws(InputError) -> [UInt8] {
        let prefix = "whsec_"
        var bytes = Array(text.utf8)
        if text.hasPrefix(prefix) {
            guard let data = Data(base64Encoded: String(text.dropFirst(prefix.count))) else {
                throw InputError(field: "secret", reason: "begins with whsec_ and does not go on in base64")
            }
            bytes = Array(data)
        }
        guard (32...1024).contains(bytes.count) else {
            throw InputError(field: "secret", reason: "must be 32 to 1,024 bytes")
        }
        return bytes
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
