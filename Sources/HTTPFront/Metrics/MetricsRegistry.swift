package import CoreMetrics
import NIOConcurrencyHelpers
import Synchronization

/// Keeps what swift-metrics is told, for Prometheus to fetch.
package final class MetricsRegistry: MetricsFactory {
    /// A metric's name and labels.
    struct Key: Hashable, Sendable {
        let name: String
        let labels: String

        init(_ label: String, _ dimensions: [(String, String)]) {
            self.name = PrometheusText.name(label)
            self.labels = dimensions.map { "\(PrometheusText.name($0.0))=\"\(PrometheusText.escape($0.1))\"" }
                .sorted().joined(separator: ",")
        }
    }

    struct Instruments {
        var counters: [Key: MetricCounter] = [:]
        var gauges: [Key: MetricGauge] = [:]
        var histograms: [Key: MetricHistogram] = [:]
    }

    private let instruments = NIOLockedValueBox(Instruments())
    private static let requestName = "portcullis.http.request.duration"

    package init() {}

    /// All instruments, as they are now.
    var snapshot: Instruments { self.instruments.withLockedValue { $0 } }

    /// Notes the time that a request took.
    func observe(route: String, status: Int, duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.histogram(Self.requestName, [("route", route), ("status", "\(status)")])
            .record(Double(seconds) + Double(attoseconds) / 1e18)
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        self.instruments.withLockedValue {
            let key = Key(label, dimensions)
            let counter = $0.counters[key] ?? MetricCounter()
            $0.counters[key] = counter
            return counter
        }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        self.gauge(label, dimensions)
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        aggregate ? self.histogram(label, dimensions) : self.gauge(label, dimensions)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        self.histogram(label, dimensions)
    }

    // Counters count from the start of the process, also when whoever made them is gone.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> MetricGauge {
        self.instruments.withLockedValue {
            let key = Key(label, dimensions)
            let gauge = $0.gauges[key] ?? MetricGauge()
            $0.gauges[key] = gauge
            return gauge
        }
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> MetricHistogram {
        self.instruments.withLockedValue {
            let key = Key(label, dimensions)
            let histogram = $0.histograms[key] ?? MetricHistogram()
            $0.histograms[key] = histogram
            return histogram
        }
    }
}

/// Counts up.
final class MetricCounter: CounterHandler {
    private let count = Atomic<Int64>(0)

    var value: Int64 { self.count.load(ordering: .relaxed) }

    func increment(by amount: Int64) { self.count.add(amount, ordering: .relaxed) }
    func reset() { self.count.store(0, ordering: .relaxed) }
}

/// A level that goes up and down.
final class MetricGauge: MeterHandler, RecorderHandler {
    private let level = NIOLockedValueBox(0.0)

    var value: Double { self.level.withLockedValue { $0 } }

    func set(_ value: Int64) { self.set(Double(value)) }
    func set(_ value: Double) { self.level.withLockedValue { $0 = value } }
    func increment(by amount: Double) { self.level.withLockedValue { $0 += amount } }
    func decrement(by amount: Double) { self.level.withLockedValue { $0 -= amount } }
    func record(_ value: Int64) { self.set(Double(value)) }
    func record(_ value: Double) { self.set(value) }
}

/// Counts values by size.
final class MetricHistogram: TimerHandler, RecorderHandler {
    struct Counts: Sendable {
        var buckets = [Int](repeating: 0, count: MetricHistogram.bounds.count)
        var count = 0
        var sum = 0.0
    }

    /// Upper bounds, in seconds for times.
    static let bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private let counts = NIOLockedValueBox(Counts())

    var snapshot: Counts { self.counts.withLockedValue { $0 } }

    func record(_ value: Double) {
        self.counts.withLockedValue {
            $0.count += 1
            $0.sum += value
            if let bucket = Self.bounds.firstIndex(where: { value <= $0 }) { $0.buckets[bucket] += 1 }
        }
    }

    func record(_ value: Int64) { self.record(Double(value)) }
    func recordNanoseconds(_ duration: Int64) { self.record(Double(duration) / 1e9) }
}
