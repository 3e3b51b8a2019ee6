import Benchmark
import SessionCore

func tokenBenchmarks(_ sample: Sample) {
    Benchmark("token: read 64 characters") { benchmark in
        var position = 0
        for _ in benchmark.scaledIterations {
            position = position + 1 < sample.texts.count ? position + 1 : 0
            blackHole(sample.texts[position].withUnsafeBufferPointer { Token($0) })
        }
    }

    Benchmark("token: read and examine the MAC") { benchmark in
        var position = 0
        for _ in benchmark.scaledIterations {
            position = position + 1 < sample.texts.count ? position + 1 : 0
            let token = sample.texts[position].withUnsafeBufferPointer { Token($0) }
            guard let token, sample.ring.verifies(token) else { return benchmark.error("refused") }
        }
    }

    Benchmark("token: digest") { benchmark in
        var position = 0
        for _ in benchmark.scaledIterations {
            position = position + 1 < sample.tokens.count ? position + 1 : 0
            blackHole(sample.tokens[position].digest)
        }
    }
}
