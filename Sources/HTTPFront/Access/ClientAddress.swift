import Hummingbird
import NIOCore
import SessionCore

extension RouteCall {
    /// Whether the peer may say for whom it asks.
    var isFromTrustedProxy: Bool { self.front.configuration.trustedProxies.trusts(self.context.peer) }

    /// The address of the client that a trusted proxy speaks of; `nil` when none does.
    var forwardedClient: IPAddress? {
        self.front.configuration.trustedProxies.client(behind: self.context.peer, self.request.headers)
    }

    /// The client's address: as a trusted proxy tells it, else the other end of the connection; `nil` on a unix
    /// socket.
    var clientAddress: String? {
        let address = self.forwardedClient ?? self.context.peer?.ipAddress.flatMap { IPAddress($0) }
        return address?.description
    }
}
