/// The hash chain of the audit log. The hash after an entry is SHA-256 over the hash before it and the entry's bytes,
/// and every entry is kept with the hash *before* it. So each entry vouches for its predecessor, the first one kept
/// joins what was let go of, and the head, kept apart, vouches for the last.
///
/// It shows that entries were changed, taken out, put in or put into another order. It cannot show that somebody who
/// can write to Redis has computed it anew from some entry on: a head that was noted elsewhere does.
package struct AuditChain: Sendable, Equatable {
    /// The hash after the last entry.
    package private(set) var head: Digest256
    /// How many entries there ever were.
    package private(set) var count: Int

    /// The chain of a log that never had an entry.
    package init() { self.init(head: Self.origin, count: 0) }

    /// Goes on with a chain.
    package init(head: Digest256, count: Int) {
        self.head = head
        self.count = count
    }

    /// What stands before the first entry.
    package static let origin: Digest256 = {
        let text = Array("portcullis audit chain 1".utf8)
        return text.withUnsafeBytes { Digest256(of: $0) }
    }()

    /// An entry as it is kept.
    package struct Link: Sendable, Equatable {
        /// The hash before the entry.
        package let previous: Digest256
        /// The bytes of its ``AuditRecord``.
        package let content: [UInt8]

        package init(previous: Digest256, content: [UInt8]) {
            self.previous = previous
            self.content = content
        }

        /// The hash after the entry.
        package var hash: Digest256 {
            (self.previous.bytes + self.content).withUnsafeBytes { Digest256(of: $0) }
        }
    }

    /// Adds an entry; its number is set here.
    package mutating func append(_ record: AuditRecord) -> Link {
        var record = record
        record.number = self.count + 1
        let link = Link(previous: self.head, content: record.bytes)
        self.head = link.hash
        self.count += 1
        return link
    }
}

extension Digest256 {
    /// 64 lower-case hexadecimal digits.
    package var hexadecimal: String { Hexadecimal.text(self.bytes) }
}

extension AuditEntry {
    /// The entry as it is shown. One that cannot be read is shown as such: a log that somebody spoilt must stay
    /// readable around it.
    package init(position: AuditPosition, _ link: AuditChain.Link) {
        let hash = link.hash.hexadecimal
        guard let record = AuditRecord(link.content) else {
            self.init(
                position: position,
                at: Timestamp(milliseconds: Int64(clamping: position.milliseconds)),
                kind: EventKind.unreadable.rawValue,
                hash: hash
            )
            return
        }
        self.init(
            position: position,
            at: record.at,
            kind: record.kind,
            session: SessionID(record.session),
            user: record.user,
            organization: record.organization,
            actor: record.actor,
            reason: record.reason,
            from: record.from,
            call: record.call,
            code: record.code,
            count: record.count,
            hash: hash
        )
    }
}
