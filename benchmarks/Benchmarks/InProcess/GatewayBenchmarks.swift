import Benchmark
import Dispatch
import Foundation
import Synchronization

/// The whole check of a near-cached session as the HTTP handler calls it: token, lease, deadlines, look-up.
func gatewayBenchmarks() {
    let one = Holder<RunningGateway>()
    Benchmark(
        "check: hit",
        closure: { (benchmark: Benchmark, running: RunningGateway) in
            if !running.check(benchmark.scaledIterations.count) { benchmark.error("not a hit") }
        },
        setup: { try await one.start() },
        teardown: { await one.stop() }
    )

    // Linear when the time is that of "check: hit": each processor does as many as the one does there.
    let all = Holder<RunningGateway>()
    let processors = ProcessInfo.processInfo.activeProcessorCount
    Benchmark(
        "check: hit, on \(processors) processors at once, time for one on each",
        closure: { (benchmark: Benchmark, running: RunningGateway) in
            let count = benchmark.scaledIterations.count
            let isMissed = Atomic(false)
            DispatchQueue.concurrentPerform(iterations: processors) { number in
                if !running.check(count, from: number * 997) { isMissed.store(true, ordering: .relaxed) }
            }
            if isMissed.load(ordering: .relaxed) { benchmark.error("not a hit") }
        },
        setup: { try await all.start() },
        teardown: { await all.stop() }
    )
}
