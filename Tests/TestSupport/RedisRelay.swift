import Foundation
import NIOCore
import NIOPosix

/// Stands between a gateway and its Redis, on a unix socket of its own, and can let some of its connections go silent
/// in one direction or both, or cut them: what a bad network does, without root.
package final class RedisRelay: Sendable {
    /// What has become silent.
    package struct Stall: Sendable {
        /// How likely each connection is to be one of them, 0 to 1.
        package var share = 1.0
        /// Whether what Redis sends is held back.
        package var towardsGateway = true
        /// Whether what the gateway sends is held back.
        package var towardsRedis = true

        /// All connections, in both directions.
        package init(share: Double = 1, towardsGateway: Bool = true, towardsRedis: Bool = true) {
            self.share = share
            self.towardsGateway = towardsGateway
            self.towardsRedis = towardsRedis
        }
    }

    private struct Link {
        let gateway: any Channel
        let redis: any Channel
    }

    private struct State {
        var links: [ObjectIdentifier: Link] = [:]
        var stall: Stall?
    }

    /// Where the gateway connects to.
    package let socketPath: String
    private let target: String
    private let state = Mutexed(State())
    private let listener: Mutexed<(any Channel)?> = Mutexed(nil)

    private init(socketPath: String, target: String) {
        self.socketPath = socketPath
        self.target = target
    }

    deinit { listener.withLock { $0 }?.close(promise: nil) }

    /// Starts a relay to a server.
    package static func start(to server: RedisServer, name: String) async throws -> RedisRelay {
        let path = server.directory.appending(path: "relay-\(name).sock").path
        let relay = RedisRelay(socketPath: path, target: server.socketPath)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { [weak relay] channel in
                guard let relay else { return channel.close() }
                return relay.join(channel)
            }
            .bind(unixDomainSocketPath: path).get()
        relay.listener.withLock { $0 = channel }
        return relay
    }

    /// Makes connections go silent, also those that are made from now on.
    package func stall(_ stall: Stall) {
        let links = state.withLock { state in
            state.stall = stall
            return Array(state.links.values)
        }
        for link in links { apply(stall, to: link) }
    }

    /// Lets everything that was held back go on.
    package func resume() {
        let links = state.withLock { state in
            state.stall = nil
            return Array(state.links.values)
        }
        for link in links {
            for channel in [link.gateway, link.redis] {
                channel.setOption(.autoRead, value: true).whenComplete { _ in }
            }
        }
    }

    /// Closes connections, each with a likelihood.
    package func cut(share: Double) {
        let links = state.withLock { Array($0.links.values) }
        for link in links where Double.random(in: 0..<1) < share { link.gateway.close(promise: nil) }
    }

    private func apply(_ stall: Stall, to link: Link) {
        guard Double.random(in: 0..<1) < stall.share else { return }
        if stall.towardsGateway { link.redis.setOption(.autoRead, value: false).whenComplete { _ in } }
        if stall.towardsRedis { link.gateway.setOption(.autoRead, value: false).whenComplete { _ in } }
    }

    private func join(_ gateway: any Channel) -> EventLoopFuture<Void> {
        ClientBootstrap(group: gateway.eventLoop)
            .channelOption(.autoRead, value: false)
            .connect(unixDomainSocketPath: target)
            .flatMap { [self] redis in
                let link = Link(gateway: gateway, redis: redis)
                let key = ObjectIdentifier(gateway)
                return gateway.eventLoop.makeCompletedFuture {
                    try gateway.pipeline.syncOperations.addHandler(Forward(to: redis))
                    try redis.pipeline.syncOperations.addHandler(Forward(to: gateway))
                    gateway.closeFuture.whenComplete { [weak self] _ in
                        redis.close(promise: nil)
                        _ = self?.state.withLock { $0.links.removeValue(forKey: key) }
                    }
                    redis.closeFuture.whenComplete { _ in gateway.close(promise: nil) }
                    let stall = self.state.withLock { state in
                        state.links[key] = link
                        return state.stall
                    }
                    for channel in [gateway, redis] {
                        channel.setOption(.autoRead, value: true).whenComplete { _ in }
                    }
                    if let stall { self.apply(stall, to: link) }
                }
            }
    }

    private final class Forward: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let peer: any Channel

        init(to peer: any Channel) { self.peer = peer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            peer.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }
    }
}
