extension LogPosition {
    /// Before every entry.
    package static let start = LogPosition(milliseconds: 0, sequence: 0)
}
