import SessionCore

/// Sessions made up for the benchmarks: what a check needs, without Redis.
struct Sample {
    /// As many as the HTTP benchmarks rotate through.
    static let count = 10_000
    static let now = Timestamp(milliseconds: 1_700_000_000_000)

    let ring: TokenKeyRing
    let tokens: [Token]
    /// The tokens as the 64 characters of a cookie.
    let texts: [[UInt8]]
    /// What every entry holds: a session as an application creates it, and its ready-made answer.
    let value: CachedSession

    init(count: Int = Sample.count) throws {
        let ring = TokenKeyRing(
            signing: try TokenKeyRing.Key(id: 1, secret: [UInt8](repeating: 7, count: 32))
        )
        self.ring = ring
        self.tokens = (0..<count).map { number in
            ring.token(
                id: SessionID(
                    partition: Partition(UInt16(number % Int(Partition.count))) ?? Partition.all[0],
                    value: .random(in: .min ... .max)
                ),
                verifier: Verifier(),
                idleTimeout: .seconds(1800),
                absoluteExpiry: Self.now + .seconds(86_400),
                remember: false
            )
        }
        self.texts = self.tokens.map { Array($0.text.utf8) }
        self.value = CachedSession(
            session: LiveSession(
                id: self.tokens[0].sessionID,
                user: try UserID("user-00000001"),
                organization: "org-1",
                roles: ["member", "editor"],
                factors: ["password"],
                createdAt: Self.now,
                authenticatedAt: Self.now,
                absoluteDeadline: Self.now + .seconds(86_400),
                idleTimeout: .seconds(1800),
                epoch: 0,
                isRemembered: false
            ),
            answer: [UInt8](repeating: 0x41, count: 200)
        )
    }

    /// A near-cache entry as a fill would bring it in.
    func entry(for token: Token) -> NearCache.Entry {
        NearCache.Entry(
            digest: token.digest,
            value: self.value,
            idleTimeout: token.idleTimeout,
            absoluteDeadline: token.absoluteExpiry,
            epoch: 0,
            touchedAt: Self.now
        )
    }
}
