/// A host and its port as they stand in a URL or in `X-Forwarded-Host`, taken apart before anything is compared: what
/// follows a colon is a port or the whole is no host.
struct HostAndPort: Equatable {
    /// In lower case: a name, an IPv4 address, or an IPv6 address in brackets.
    let name: String
    /// The digits after the colon; `nil` without a colon.
    let port: String?

    /// `nil` for what is no host: labels of letters, digits, hyphens and underscores between dots (RFC 1123 2.1; the
    /// underscore is in use), or hexadecimal digits, colons and dots in brackets (RFC 3986 3.2.2); then perhaps a port
    /// of 1 to 65535.
    init?(_ text: some StringProtocol) {
        let text = text.lowercased()
        let name: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let address = text[text.index(after: text.startIndex)..<end]
            guard !address.isEmpty, address.utf8.allSatisfy(Self.isAddressByte) else { return nil }
            name = text[...end]
        } else {
            name = text.prefix { $0 != ":" }
            let labels = name.split(separator: ".", omittingEmptySubsequences: false)
            guard labels.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isLabelByte) }) else {
                return nil
            }
        }
        let rest = text[name.endIndex...]
        if rest.isEmpty {
            self.port = nil
        } else {
            let digits = rest.dropFirst()
            guard rest.hasPrefix(":"), (1...5).contains(digits.utf8.count),
                digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let number = UInt16(digits), number > 0
            else { return nil }
            self.port = String(digits)
        }
        self.name = String(name)
    }

    private static func isLabelByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }
}

/// A host to which a login may lead back: `app.example`, `app.example:8443`, or `*.example` for every host below.
package struct HostPattern: Sendable, Hashable {
    private let name: String
    private let port: String?
    private let coversSubdomains: Bool

    /// `nil` for what is no host.
    package init?(_ text: String) {
        self.coversSubdomains = text.hasPrefix("*.")
        guard let host = HostAndPort(text.dropFirst(self.coversSubdomains ? 2 : 0)) else { return nil }
        self.name = host.name
        self.port = host.port
    }

    /// Whether a host is one of these: the names by their labels, the ports alike.
    func matches(_ text: String) -> Bool {
        guard let host = HostAndPort(text), host.port == self.port else { return false }
        return self.coversSubdomains ? host.name.hasSuffix("." + self.name) : host.name == self.name
    }
}
