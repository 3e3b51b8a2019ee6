/// How log lines look.
enum LogFormat: String, Sendable, CaseIterable {
    /// One JSON object a line.
    case json
    /// For people: time, level, message, `key=value`.
    case text
}
