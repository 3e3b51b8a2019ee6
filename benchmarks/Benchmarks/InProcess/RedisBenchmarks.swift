import Benchmark
import NIOCore
import RedisClient

/// The command of a strict check, alone and with as many at a time as a busy event loop has.
func redisBenchmarks() {
    for depth in [1, 16, 64] {
        let holder = Holder<ConnectedClient>()
        Benchmark(
            "redis: GETEX and reply, \(depth) at a time",
            configuration: .init(
                metrics: [.wallClock, .cpuTotal, .throughput],
                warmupIterations: 5,
                scalingFactor: .kilo,
                maxDuration: .seconds(2)
            ),
            closure: { (benchmark: Benchmark, redis: ConnectedClient) async throws in
                try await Exchange(redis, count: benchmark.scaledIterations.count, depth: depth).run()
            },
            setup: { try await holder.start() },
            teardown: { await holder.stop() }
        )
    }
}

/// `count` commands with `depth` of them under way, without leaving the event loop in between.
private struct Exchange {
    private let loop: any EventLoop
    private let connection: RedisConnection
    private let command: RedisCommand
    private let count: Int
    private let depth: Int

    struct NoConnection: Error {}

    init(_ redis: ConnectedClient, count: Int, depth: Int) throws {
        guard let connection = redis.connection else { throw NoConnection() }
        self.loop = connection.eventLoop
        self.connection = connection
        self.command = RedisCommand("GETEX").key(ConnectedClient.key).arg("PX").arg(3_600_000)
        self.count = count
        self.depth = depth
    }

    func run() async throws {
        let finished = self.loop.makePromise(of: Void.self)
        self.loop.execute {
            let state = State(remaining: self.count, open: 0)
            for _ in 0..<min(self.depth, self.count) { self.next(state, finished) }
        }
        try await finished.futureResult.get()
    }

    /// Only touched on the event loop.
    private final class State {
        var remaining: Int
        var open: Int

        init(remaining: Int, open: Int) {
            self.remaining = remaining
            self.open = open
        }
    }

    private func next(_ state: State, _ finished: EventLoopPromise<Void>) {
        guard state.remaining > 0 else {
            if state.open == 0 { finished.succeed() }
            return
        }
        state.remaining -= 1
        state.open += 1
        self.connection.send(self.command) { result in
            state.open -= 1
            switch result {
            case .success: self.next(state, finished)
            case .failure(let error): finished.fail(error)
            }
        }
    }
}
