import Logging

/// Writes each event as one line to standard error.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let format: LogFormat

    init(label: String, format: LogFormat, level: Logger.Level) {
        self.label = label
        self.format = format
        self.logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        StandardError.write(line: self.line(event, at: .now))
    }

    /// The line without its end.
    func line(_ event: LogEvent, at time: WallTime) -> String {
        var metadata = self.metadata
        if let provided = self.metadataProvider?.get() { metadata.merge(provided) { _, new in new } }
        if let own = event.metadata { metadata.merge(own) { _, new in new } }
        if let error = event.error { metadata["error"] = "\(error)" }
        let message = PlainText.withoutTokens(event.message.description)
        switch self.format {
        case .json:
            var line = JSONLine()
            line.add("time", time.description)
            line.add("level", event.level.rawValue)
            line.add("logger", self.label)
            line.add("message", message)
            for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { line.add(field: key, value) }
            return line.finished
        case .text:
            let level = event.level.rawValue.uppercased()
            let padding = String(repeating: " ", count: max(0, 8 - level.utf8.count))
            let fields = metadata.sorted { $0.key < $1.key }
                .map { PlainText.escaped(" \($0.key)=\(PlainText.withoutTokens($0.value.description))") }
            return "\(time.timeOfDay) \(level)\(padding)\(PlainText.escaped(message))\(fields.joined())"
        }
    }
}

extension LineLogHandler {
    /// Makes this the log of the whole process; to be called once.
    static func install(format: LogFormat, level: Logger.Level) {
        LoggingSystem.bootstrap { LineLogHandler(label: $0, format: format, level: level) }
    }
}

/// How log lines look.
enum LogFormat: String, Sendable, CaseIterable {
    /// One JSON object a line.
    case json
    /// For people: time, level, message, `key=value`.
    case text
}
