/// Which Redis a connection talks to. Another identity means that acknowledged writes may be missing: a restarted
/// process, a promoted replica or another server behind the same address.
package struct ServerIdentity: Sendable, Hashable {
    /// `run_id`: differs after every start of the process.
    package let runID: String
    /// `master_replid`: differs after a promotion.
    package let replicationID: String
    /// `master` or `slave`, as Redis writes it.
    package let role: String
    /// `redis_version`, such as `7.0.15`.
    package let version: String

    /// Puts an identity together.
    package init(runID: String, replicationID: String, role: String, version: String) {
        self.runID = runID
        self.replicationID = replicationID
        self.role = role
        self.version = version
    }

    /// Reads the replies of `INFO server` and `INFO replication`; nil when a field is missing.
    init?(serverInfo: String, replicationInfo: String) {
        let fields = InfoFields(serverInfo + "\n" + replicationInfo)
        guard let runID = fields["run_id"], let replicationID = fields["master_replid"],
            let role = fields["role"]
        else { return nil }
        self.init(
            runID: runID,
            replicationID: replicationID,
            role: role,
            version: fields["redis_version"] ?? "unknown"
        )
    }
}

/// The `name:value` lines of an `INFO` reply.
package struct InfoFields: Sendable {
    private let values: [String: String]

    /// Reads the text of an `INFO` reply. Works on bytes, for in Swift CR LF is a single character.
    package init(_ text: String) {
        var values: [String: String] = [:]
        for line in text.utf8.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
        {
            guard line.first != UInt8(ascii: "#"), let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
                continue
            }
            values[String(decoding: line[..<colon], as: UTF8.self)] =
                String(decoding: line[line.index(after: colon)...], as: UTF8.self)
        }
        self.values = values
    }

    /// The value of a field, if Redis sent it.
    package subscript(name: String) -> String? { values[name] }
}
