import APIValidation
import Foundation
import TestSupport
import Testing

/// All tests with faults: one after the other, because each of them wants the machine for itself.
@Suite(.serialized) enum Faults {}

/// How much longer than the short form the runs are: PORTCULLIS_FAULT_SCALE, 1 or more.
let scale = max(1, Int(ProcessInfo.processInfo.environment["PORTCULLIS_FAULT_SCALE"] ?? "") ?? 1)

/// Nodes of one installation on one Redis.
final class Fleet: Sendable {
    let redis: RedisServer
    let secrets: GatewaySecrets
    let nodes: [GatewayProcess]
    let clients: [HTTPClient]
    /// One for each node, when they were asked for.
    let relays: [RedisRelay]

    /// Starts a Redis, and nodes that use it over its unix socket, and waits until they serve.
    /// - Parameters:
    ///   - withRelays: each node reaches Redis over a relay of its own.
    ///   - flagsOf: more flags for the node of an index.
    static func start(
        nodes count: Int,
        redis options: RedisServer.Options = RedisServer.Options(),
        url: ((RedisServer) -> String)? = nil,
        withRelays: Bool = false,
        flags: [String] = [],
        flagsOf: (Int) -> [String] = { _ in [] }
    ) async throws -> Fleet {
        let redis = try RedisServer(options)
        let secrets = try GatewaySecrets(directory: redis.directory)
        var relays: [RedisRelay] = []
        if withRelays {
            for index in 0..<count { relays.append(try await RedisRelay.start(to: redis, name: "\(index)")) }
        }
        let nodes = try (0..<count).map { index in
            try GatewayProcess(
                redisURL: url?(redis) ?? "unix://\(withRelays ? relays[index].socketPath : redis.socketPath)",
                secrets: secrets,
                directory: redis.directory,
                flags: flags + flagsOf(index)
            )
        }
        for node in nodes { try await node.waitUntilReady() }
        return Fleet(redis: redis, secrets: secrets, nodes: nodes, relays: relays)
    }

    private init(redis: RedisServer, secrets: GatewaySecrets, nodes: [GatewayProcess], relays: [RedisRelay]) {
        self.redis = redis
        self.secrets = secrets
        self.nodes = nodes
        self.relays = relays
        clients = nodes.map { HTTPClient.ofGateway(port: $0.port) }
    }

    /// The client of a random node.
    var anyone: HTTPClient { clients[Int.random(in: clients.indices)] }

    /// Ends all processes.
    func stop() {
        for node in nodes {
            node.signal(SIGCONT)
            node.stop()
        }
        redis.stop()
    }

    /// Runs a test with a fleet and ends its processes, also after a failure.
    static func run<Result>(_ fleet: Fleet, _ body: (Fleet) async throws -> Result) async throws -> Result {
        defer { fleet.stop() }
        return try await body(fleet)
    }
}

/// A flag that is set once, and counters, for tasks to share.
final class Progress: Sendable {
    private let state = Mutexed<(counts: [String: Int], isFinished: Bool)>(([:], false))

    var isFinished: Bool { state.withLock { $0.isFinished } }
    func finish() { state.withLock { $0.isFinished = true } }
    func count(_ name: String, by number: Int = 1) {
        state.withLock { $0.counts[name, default: 0] += number }
    }
    subscript(name: String) -> Int { state.withLock { $0.counts[name] ?? 0 } }

    /// All counts, for people.
    var summary: String {
        state.withLock {
            $0.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        }
    }
}

/// Runs `body` for each number of a range, at most `width` at a time.
func concurrently(
    _ count: Int,
    width: Int,
    _ body: @escaping @Sendable (Int) async throws -> Void
) async throws {
    let next = Mutexed(0)
    try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<min(width, count) {
            group.addTask {
                while let index = next.withLock({ next in
                    defer { next += 1 }
                    return next < count ? next : nil
                }) {
                    try await body(index)
                }
            }
        }
        try await group.waitForAll()
    }
}

/// p50, p99 and maximum of milliseconds, for people.
func percentiles(_ values: [Double]) -> String {
    let sorted = values.sorted()
    guard let last = sorted.last else { return "none" }
    func at(_ fraction: Double) -> Double {
        sorted[min(sorted.count - 1, Int(Double(sorted.count) * fraction))]
    }
    return String(
        format: "p50 %.1f, p90 %.1f, p99 %.1f, max %.1f ms (%d)",
        at(0.5),
        at(0.9),
        at(0.99),
        last,
        sorted.count
    )
}

/// A figure of a run, in the test's output.
func report(_ text: String) { print("FIGURE \(text)") }
