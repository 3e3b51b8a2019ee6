package import Hummingbird
import NIOCore

/// The context of a request to the front.
package struct FrontContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The connection.
    let channel: any Channel
    /// The other end of the connection.
    let peer: SocketAddress?

    package init(source: Source) {
        self.coreContext = .init(source: source)
        self.channel = source.channel
        self.peer = source.channel.remoteAddress
    }
}
