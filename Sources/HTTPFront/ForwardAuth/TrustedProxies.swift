import HTTPTypes
import NIOCore
import SessionCore

/// Whom to believe what a request says of itself in `X-Forwarded-…` and `X-Original-…`. Anybody can send these
/// headers; only what a proxy of ours says counts.
package struct TrustedProxies: Sendable, Equatable {
    private var blocks: [IPNetwork] = []
    /// Whether whoever can open the unix socket is believed.
    private var includesUnixSocket = false

    /// Nobody.
    package init() {}

    /// Blocks of addresses in CIDR notation, and `unix` for the unix socket that the gateway listens on.
    /// - Returns: `nil` when an entry is none of these.
    package init?(_ entries: [String]) {
        for entry in entries {
            if entry == "unix" {
                self.includesUnixSocket = true
            } else if let block = IPNetwork(entry) {
                self.blocks.append(block)
            } else {
                return nil
            }
        }
    }

    /// Whether the other end of a connection is believed.
    func trusts(_ peer: SocketAddress?) -> Bool {
        switch peer {
        case .unixDomainSocket: self.includesUnixSocket
        case .v4, .v6: peer?.ipAddress.flatMap { IPAddress($0) }.map { self.trusts($0) } ?? false
        // The address of a peer on a unix socket may be missing.
        case nil: self.includesUnixSocket
        }
    }

    private func trusts(_ address: IPAddress) -> Bool { self.blocks.contains { $0.contains(address) } }

    /// The client that trusted proxies speak of: the last entry of `X-Forwarded-For` that is not a trusted proxy's
    /// own address. What stands before that one was written by the client.
    /// - Returns: `nil` when the peer is not trusted or says nothing.
    func client(behind peer: SocketAddress?, _ headers: HTTPFields) -> IPAddress? {
        guard self.trusts(peer), let name = HTTPField.Name("X-Forwarded-For") else { return nil }
        var client: IPAddress?
        for entry in headers[values: name].flatMap({ $0.split(separator: ",") }).reversed() {
            guard let address = IPAddress(forwarded: entry) else { break }
            client = address
            guard self.trusts(address) else { break }
        }
        return client
    }
}

extension IPAddress {
    /// Reads an entry of `X-Forwarded-For`, which some proxies write with a port: `192.0.2.1:80`, `[2001:db8::1]:80`.
    init?(forwarded text: some StringProtocol) {
        self.init(withPort: text.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" })
    }
}
