/// By what a list of sessions is sorted.
public enum SessionColumn: String, Sendable, CaseIterable {
    /// The login.
    case created
    /// The user id, as bytes.
    case user
    /// The address as a number, IPv4 before IPv6. Sessions without one that can be read come last, either way.
    case ip
    case lastActivity
    /// When the session will have been idle for too long, or is over in any case.
    case expires

    /// The sessions in order; of equal ones the smaller id comes first, either way.
    public func sorted(_ sessions: [SessionOverview], isAscending: Bool) -> [SessionOverview] {
        sessions.map { (key: self.key(of: $0), session: $0) }.sorted { first, second in
            switch (first.key, second.key) {
            case (.none, .some): return false
            case (.some, .none): return true
            case (.some(let left), .some(let right)) where left != right:
                return (left < right) == isAscending
            case (.some, .some), (.none, .none): return first.session.session.id < second.session.session.id
            }
        }.map(\.session)
    }

    /// `nil` for a session of which it is not known.
    private func key(of overview: SessionOverview) -> Key? {
        switch self {
        case .created: .number(overview.session.createdAt.milliseconds)
        case .user: .text(Array(overview.session.user.text.utf8))
        case .ip:
            overview.details.ipAddress.flatMap { IPAddress(withPort: $0) }.map { .address($0.width, $0.bits) }
        case .lastActivity: .number(overview.lastActivity.milliseconds)
        case .expires: .number(overview.idleDeadline.milliseconds)
        }
    }

    private enum Key: Comparable {
        case number(Int64)
        case text([UInt8])
        case address(Int, UInt128)

        static func < (left: Key, right: Key) -> Bool {
            switch (left, right) {
            case (.number(let first), .number(let second)): first < second
            case (.text(let first), .text(let second)): first.lexicographicallyPrecedes(second)
            case (.address(let first, let bits), .address(let second, let others)):
                (first, bits) < (second, others)
            case (.number, _), (.text, _), (.address, _): false
            }
        }
    }
}
