import Logging
import NIOPosix
package import RedisClient
package import SessionCore
package import SessionStore
package import TestSupport

/// A private Redis with a client and a store on it, for one test.
package final class StoreBench: Sendable {
    package let server: RedisServer
    package let client: RedisClient
    package let store: RedisSessionStore

    private init(_ server: RedisServer, retention: Duration) {
        self.server = server
        var configuration = RedisConfiguration(endpoint: .unix(server.socketPath))
        configuration.commandTimeout = .seconds(10)
        var logger = Logger(label: "store-test")
        logger.logLevel = .error
        self.client = RedisClient(
            configuration: configuration,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: logger
        )
        self.store = RedisSessionStore(client: self.client, retention: retention, logger: logger)
    }

    /// Starts a server, runs `body`, and takes everything down again, whatever happened.
    package static func run(
        _ options: RedisServer.Options = .init(),
        retention: Duration = .seconds(3600),
        _ body: (StoreBench) async throws -> Void
    ) async throws {
        await self.turnstile.enter()
        do {
            let bench = StoreBench(try RedisServer(options), retention: retention)
            bench.client.start()
            do {
                try await bench.client.waitUntilReady()
                try await body(bench)
            } catch {
                await bench.client.shutdown()
                bench.server.stop()
                throw error
            }
            await bench.client.shutdown()
            bench.server.stop()
        } catch {
            await self.turnstile.leave()
            throw error
        }
        await self.turnstile.leave()
    }

    /// A server for every test at once would starve them all on a small machine.
    private static let turnstile = Turnstile(places: 3)

    /// Redis's time.
    package func now() async throws -> Timestamp { try await self.store.timeAndEpoch().time }

    /// An order for a session that nothing is special about.
    package func order(
        _ user: UserID,
        limit: Int = 0,
        behavior: SessionPolicy.LimitBehaviour = .revokeOldest,
        idle: Duration = .seconds(3600),
        absolute: Duration = .seconds(86_400),
        epoch: UInt64 = 0,
        replacing: SessionID? = nil,
        verifier: UInt8 = 1
    ) async throws -> CreateOrder {
        let now = try await self.now()
        return CreateOrder(
            request: NewSession(user: user),
            id: SessionID(partition: Partition(of: user), value: .random(in: .min ... .max)),
            verifierDigest: try Self.digest(verifier),
            idleTimeout: idle,
            absoluteDeadline: now + absolute,
            now: now,
            epoch: epoch,
            limit: limit,
            behavior: behavior,
            replacing: replacing
        )
    }

    /// Creates as a gateway does: when the test was kept waiting until its estimate of the time was too old,
    /// once more with the time that Redis told.
    package func login(
        _ order: CreateOrder,
        origin: RevocationMessage.Origin? = nil
    ) async throws -> Published<CreateOutcome> {
        var order = order
        while true {
            let result = try await self.store.create(order, origin: origin)
            guard case .clock(let now) = result.value else { return result }
            order.now = now
        }
    }

    /// A session that must come about.
    @discardableResult
    package func create(_ order: CreateOrder) async throws -> LiveSession {
        let outcome = try await self.login(order).value
        guard case .created(let session, _, _) = outcome else { throw Unexpected(what: "\(outcome)") }
        return session
    }

    /// The live record as a check reads it, without touching it.
    package func record(_ id: SessionID) async throws -> SessionRecord? {
        let value = try await self.client.send(
            RedisCommand("GET").key(self.store.keys.live(id)),
            timeout: nil
        )
        return try self.store.decodeRecord(value, id: id)
    }

    /// One command in words.
    @discardableResult
    package func redis(_ words: String...) async throws -> RedisValue {
        var command = RedisCommand(words[0])
        for word in words.dropFirst() { command = command.arg(word) }
        return try await self.client.send(command, timeout: nil)
    }

    /// 32 bytes of the same value.
    package static func digest(_ byte: UInt8) throws -> Digest256 {
        guard let digest = Digest256(bytes: [UInt8](repeating: byte, count: 32)) else {
            throw Unexpected(what: "digest")
        }
        return digest
    }

    /// Something else came than the test needs to go on.
    package struct Unexpected: Error {
        package let what: String
        package init(what: String) { self.what = what }
    }
}

/// Lets a few in at a time.
private actor Turnstile {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(places: Int) { self.free = places }

    func enter() async {
        if self.free > 0 {
            self.free -= 1
        } else {
            await withCheckedContinuation { self.waiting.append($0) }
        }
    }

    func leave() {
        if self.waiting.isEmpty { self.free += 1 } else { self.waiting.removeFirst().resume() }
    }
}
