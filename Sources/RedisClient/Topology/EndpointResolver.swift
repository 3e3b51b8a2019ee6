import NIOCore

/// Says where a node is to be reached now; asked before every attempt to connect. One Redis is always in the same
/// place; with Sentinel this is the question "where is the master?".
protocol EndpointResolver: Sendable {
    func resolve(on eventLoop: any EventLoop) -> EventLoopFuture<RedisEndpoint>
}

/// A node that never moves.
struct FixedEndpoint: EndpointResolver {
    let endpoint: RedisEndpoint

    func resolve(on eventLoop: any EventLoop) -> EventLoopFuture<RedisEndpoint> {
        eventLoop.makeSucceededFuture(endpoint)
    }
}
