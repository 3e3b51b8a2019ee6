/// An entry of the audit log. What there is nothing of is left out.
package struct AuditEntryJSON: Codable, Sendable, Equatable {
    /// Its place in the log.
    package var position: String
    package var at: WireTime
    /// `created`, `rotated`, `updated`, how a session ended, `everyone-revoked`, `settings-changed`, `refused`,
    /// `refusals-dropped` or `gap`.
    package var kind: String
    package var session: String?
    package var user: String?
    package var organization: String?
    /// A user id, or `key:` and a service key's name; left out for Portcullis itself.
    package var actor: String?
    package var reason: String?
    /// The address that the request came from.
    package var from: String?
    /// Of a refused attempt: the call and the code of the problem.
    package var call: String?
    package var code: String?
    /// How many events it stands for; left out for one.
    package var count: Int?
    /// SHA-256 of the chain up to and with this entry.
    package var hash: String

    package init(position: String, at: WireTime, kind: String, hash: String) {
        self.position = position
        self.at = at
        self.kind = kind
        self.hash = hash
    }
}

/// A page of the audit log, newest first.
package struct AuditPageJSON: Codable, Sendable, Equatable {
    package var entries: [AuditEntryJSON]
    /// The `cursor` of the next page; left out at the end. That page may turn out to be empty.
    package var nextCursor: String?
    /// Given before it was full, because enough entries had been looked at: go on with `nextCursor`.
    package var partial: Bool

    package init(entries: [AuditEntryJSON], nextCursor: String?, partial: Bool) {
        self.entries = entries
        self.nextCursor = nextCursor
        self.partial = partial
    }
}

/// What a walk along the audit log's hash chain has found.
package struct AuditVerificationJSON: Codable, Sendable, Equatable {
    /// Where the chain does not hold.
    package struct FaultJSON: Codable, Sendable, Equatable {
        /// Of the first entry that does not hold.
        package var position: String
        /// `changed`, `missing` or `unreadable`.
        package var problem: String

        package init(position: String, problem: String) {
            self.position = position
            self.problem = problem
        }
    }

    /// Whether all holds that this call has looked at.
    package var holds: Bool
    /// Entries that hold, by this call.
    package var checked: Int
    /// Entries there ever were.
    package var total: Int
    /// The hash after the last entry.
    package var head: String?
    /// The `cursor` of the next call; left out at the end.
    package var nextCursor: String?
    package var fault: FaultJSON?

    package init(
        holds: Bool,
        checked: Int,
        total: Int,
        head: String?,
        nextCursor: String?,
        fault: FaultJSON?
    ) {
        self.holds = holds
        self.checked = checked
        self.total = total
        self.head = head
        self.nextCursor = nextCursor
        self.fault = fault
    }
}
