/// Writes Prometheus's text format, version 0.0.4.
struct PrometheusText {
    private(set) var text = ""
    private var described: Set<String> = []

    /// One sample of a metric whose value is at hand.
    mutating func add(
        _ name: String,
        _ type: String,
        _ value: some CustomStringConvertible,
        labels: String = ""
    ) {
        self.describe(name, type)
        self.sample(name, labels, "\(value)")
    }

    /// Everything that a registry holds.
    mutating func add(_ instruments: MetricsRegistry.Instruments) {
        for (key, counter) in Self.sorted(instruments.counters) {
            self.add(key.name, "counter", counter.value, labels: key.labels)
        }
        for (key, gauge) in Self.sorted(instruments.gauges) {
            self.add(key.name, "gauge", gauge.value, labels: key.labels)
        }
        for (key, histogram) in Self.sorted(instruments.histograms) {
            self.describe(key.name, "histogram")
            let counts = histogram.snapshot
            let labels = key.labels.isEmpty ? "" : key.labels + ","
            var sum = 0
            for (bound, count) in zip(MetricHistogram.bounds, counts.buckets) {
                sum += count
                self.sample(key.name + "_bucket", labels + "le=\"\(bound)\"", "\(sum)")
            }
            self.sample(key.name + "_bucket", labels + "le=\"+Inf\"", "\(counts.count)")
            self.sample(key.name + "_sum", key.labels, "\(counts.sum)")
            self.sample(key.name + "_count", key.labels, "\(counts.count)")
        }
    }

    private mutating func describe(_ name: String, _ type: String) {
        if self.described.insert(name).inserted { self.text += "# TYPE \(name) \(type)\n" }
    }

    private mutating func sample(_ name: String, _ labels: String, _ value: String) {
        self.text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    private static func sorted<Value>(
        _ instruments: [MetricsRegistry.Key: Value]
    ) -> [(key: MetricsRegistry.Key, value: Value)] {
        instruments.sorted { ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels) }
    }

    /// A name of letters, digits and underscores that does not begin with a digit.
    static func name(_ label: String) -> String {
        let name = String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return name.first?.isNumber ?? true ? "_" + name : name
    }

    /// A label's value with backslashes, quotes and line feeds escaped.
    static func escape(_ value: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\", "\"": result.append(contentsOf: ["\\", scalar])
            case "\n": result.append(contentsOf: ["\\", "n"])
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
