import SessionCore

/// Who plays: sessions, users and token digests, the same in every simulation, so that none costs a hash.
struct Cast: Sendable {
    static let sessions = 20
    static let users = 4
    static let tokens = 8
    static let shared = Cast()

    let ids: [SessionID]
    let users: [UserID]
    private let digests: [[Digest256]]

    private init() {
        let partitions = Partition.all
        self.ids = (0..<Self.sessions).map {
            SessionID(partition: partitions[Self.user(of: $0)], value: UInt64($0 + 1))
        }
        self.users = (0..<Self.users).compactMap { try? UserID("user\($0)") }
        self.digests = (0..<Self.sessions).map { session in
            (0..<Self.tokens).compactMap { token in
                Digest256(bytes: [UInt8](repeating: UInt8(session * Self.tokens + token), count: 32))
            }
        }
    }

    static func user(of session: Int) -> Int { session % Self.users }

    /// The number of a session in the cast.
    static func index(_ id: SessionID) -> Int { Int(id.value) - 1 }

    /// The digest of a session's `token`-th token: of its verifier and of the whole token, which for the
    /// machines are just two names.
    func digest(_ session: Int, _ token: Int) -> Digest256 { self.digests[session][token] }
}

/// How long a session of the cast lives: the short ones run out within a simulation.
struct Lifetime {
    let idle: Duration
    /// Milliseconds from its creation.
    let absolute: Int64

    init(session: Int) {
        self.idle = session % 4 == 3 ? .milliseconds(900) : .seconds(60)
        self.absolute = session % 7 == 5 ? 2500 : 600_000
    }
}
