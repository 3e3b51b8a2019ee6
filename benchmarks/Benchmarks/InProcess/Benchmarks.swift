import Benchmark

// Each iteration is one operation; the inner loop of 1,000 keeps the clock out of the figure.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .cpuUser, .throughput],
        warmupIterations: 5,
        scalingFactor: .kilo,
        maxDuration: .seconds(2)
    )
    do {
        let sample = try Sample()
        tokenBenchmarks(sample)
        nearCacheBenchmarks(sample)
        gatewayBenchmarks()
        redisBenchmarks()
    } catch {
        print("the benchmarks could not be prepared: \(error)")
    }
}
