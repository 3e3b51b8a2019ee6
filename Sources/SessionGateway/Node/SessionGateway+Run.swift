import Foundation
import Logging
import NIOCore
import RedisClient
import ServiceLifecycle
import SessionCore
import SessionStore

extension SessionGateway {
    /// Version of Portcullis.
    public static let version = "0.1.0"

    /// Whether the node can serve: connected, layout verified, journal applied, Redis's clock known.
    public var isReady: Bool { self.redis.isReady && self.clock.time(at: MonotonicClock.now()) != nil }

    /// Waits until ``isReady``.
    /// - Throws: `CancellationError`.
    public func waitUntilReady() async throws {
        try await self.redis.waitUntilReady()
        while !self.isReady {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Runs the node until it is told to stop or cancelled; then gives up its lease, so that no revoker has to
    /// wait for it, and closes its connections.
    public func run() async throws {
        let subscriber = RedisSubscriber(
            configuration: self.redisConfiguration,
            channels: [self.store.keys.revocationChannel, self.store.keys.channel(of: self.node)],
            eventLoop: self.controlLoop,
            logger: self.logger,
            onEvent: { [coherence] in coherence.handle($0) }
        )
        self.redis.start()
        subscriber.start()
        await withTaskGroup { group in
            group.addTask { await self.heartbeat.run() }
            group.addTask { await self.touches.run() }
            group.addTask { await self.activity.run() }
            group.addTask { await self.reuse.run { await self.endReused($0) } }
            group.addTask { await self.background.run() }
            group.addTask { await self.runJanitor() }
            group.addTask { await self.feed.run() }
            group.addTask { await self.relay.run() }
            group.addTask { await self.refusedAttempts.run() }
            group.addTask { try? await gracefulShutdown() }
            // Only the last of them ends by itself.
            await group.next()
            group.cancelAll()
        }
        self.clock.endLease()
        // In a task of its own: this one may have been cancelled, and its commands would be given up.
        await Task {
            await self.touches.send()
            await self.activity.send()
            await self.refusedAttempts.send(isLast: true)
            await self.relay.release()
            await self.deregister()
        }.value
        await subscriber.shutdown()
        await self.redis.shutdown()
    }

    private var heartbeat: Heartbeat {
        Heartbeat(
            coherence: self.coherence,
            store: self.store,
            lease: self.configuration.lease,
            information: NodeInformation(
                name: self.configuration.nodeName,
                version: Self.version,
                startedAt: self.startedAt
            ).text,
            logger: self.logger
        )
    }

    private func deregister() async {
        do throws(StoreError) {
            try await self.store.deregister(self.node)
        } catch {
            self.logger.debug(
                "Not deregistered; the lease runs out by itself",
                metadata: ["reason": "\(error)"]
            )
        }
    }

    private func runJanitor() async {
        while !Task.isCancelled {
            // Spread, so that the nodes of an installation do not all sweep at the same time.
            let pause = self.configuration.janitorInterval * Double.random(in: 0.75...1.25)
            do { try await Task.sleep(for: pause) } catch { return }
            await self.deleteEarlierEpochs()
            do throws(StoreError) {
                _ = try await self.store.sweepDue()
            } catch {
                self.logger.debug("Janitor failed", metadata: ["reason": "\(error)"])
            }
        }
    }
}

/// What a node tells of itself in `nodes`.
struct NodeInformation: Codable {
    let name: String
    let version: String
    let startedAt: Timestamp

    var text: String {
        guard let data = try? JSONEncoder().encode(self) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }

    static func read(_ text: String) -> NodeInformation? {
        try? JSONDecoder().decode(NodeInformation.self, from: Data(text.utf8))
    }
}
