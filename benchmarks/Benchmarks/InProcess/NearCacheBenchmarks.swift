import Benchmark
import SessionCore

func nearCacheBenchmarks(_ sample: Sample) {
    Benchmark("near-cache: hit, from the cookie's characters on") { benchmark in
        var cache = filledCache(sample, capacity: sample.tokens.count)
        var position = 0
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            position = position + 1 < sample.texts.count ? position + 1 : 0
            guard let token = sample.texts[position].withUnsafeBufferPointer({ Token($0) }) else {
                return benchmark.error("not a token")
            }
            let found = cache.lookup(token.sessionID, digest: token.digest, now: Sample.now, epoch: 0)
            guard case .hit = found else { return benchmark.error("not a hit") }
        }
        benchmark.stopMeasurement()
    }

    Benchmark("near-cache: insert, evicting another") { benchmark in
        // Half of the sessions fit, so that in rotation every insert is of one that has been evicted.
        var cache = filledCache(sample, capacity: sample.tokens.count / 2)
        var position = 0
        let entries = sample.tokens.map(sample.entry(for:))
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            position = position + 1 < sample.tokens.count ? position + 1 : 0
            let ticket = cache.beginFill(sample.tokens[position].sessionID)
            blackHole(cache.completeFill(ticket, entry: entries[position]))
        }
        benchmark.stopMeasurement()
    }

    Benchmark("near-cache: miss") { benchmark in
        var cache = NearCache(capacity: sample.tokens.count)
        var position = 0
        let digest = sample.tokens[0].digest
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            position = position + 1 < sample.tokens.count ? position + 1 : 0
            blackHole(
                cache.lookup(sample.tokens[position].sessionID, digest: digest, now: Sample.now, epoch: 0)
            )
        }
        benchmark.stopMeasurement()
    }
}

private func filledCache(_ sample: Sample, capacity: Int) -> NearCache {
    var cache = NearCache(capacity: capacity)
    for token in sample.tokens {
        cache.completeFill(cache.beginFill(token.sessionID), entry: sample.entry(for: token))
    }
    return cache
}
