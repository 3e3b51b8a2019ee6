import SessionCore

/// A model of Redis: every command is one atomic step; what is written last may be lost with the server.
struct SimRedis {
    struct Stored {
        var record: SessionRecord
        /// Milliseconds of the server's clock.
        var expiry: Int64
    }

    struct Registration {
        let node: NodeID
        var until: Int64
    }

    /// What is replicated.
    struct State {
        var sessions = [Stored?](repeating: nil, count: Cast.sessions)
        var epoch: UInt64 = 0
        var nodes: [Registration] = []
    }

    var state = State()
    /// What a replica has that no longer follows.
    var replica: State?
    /// Run id and replication id in one.
    var identity = 1
    var isUp = true
    /// Milliseconds between virtual time and this server's clock.
    var shift: Int64 = 1_000_000

    func clock(at now: Int64) -> Int64 { now / 1000 + self.shift }

    /// The session's record, if it is there and has not run out.
    mutating func live(_ session: Int, at time: Int64) -> Stored? {
        guard let stored = self.state.sessions[session] else { return nil }
        guard stored.expiry > time else {
            self.state.sessions[session] = nil
            return nil
        }
        return stored
    }

    mutating func create(_ session: Int, cast: Cast, at time: Int64) {
        let lifetime = Lifetime(session: session)
        let record = SessionRecord(
            session: LiveSession(
                id: cast.ids[session],
                user: cast.users[Cast.user(of: session)],
                organization: nil,
                roles: [],
                factors: [],
                createdAt: Timestamp(milliseconds: time),
                authenticatedAt: Timestamp(milliseconds: time),
                absoluteDeadline: Timestamp(milliseconds: time + lifetime.absolute),
                idleTimeout: lifetime.idle,
                epoch: self.state.epoch,
                isRemembered: false
            ),
            verifierDigest: cast.digest(session, 0),
            previousDigest: nil,
            graceDeadline: Timestamp(milliseconds: 0)
        )
        self.state.sessions[session] = Stored(record: record, expiry: Self.expiry(record.session, from: time))
    }

    /// When a key that is touched at `time` runs out: idle timeout and precision later, never past the end.
    static func expiry(_ session: LiveSession, from time: Int64) -> Int64 {
        let precision = SessionPolicy.touchPrecision(forIdleTimeout: session.idleTimeout)
        return min(
            time + session.idleTimeout.inMilliseconds + precision.inMilliseconds,
            session.absoluteDeadline.milliseconds
        )
    }

    mutating func rotate(
        _ session: Int,
        from token: Int,
        cast: Cast,
        grace: Int64,
        at time: Int64
    ) -> (isRotated: Bool, isNew: Bool) {
        guard var stored = self.live(session, at: time), stored.record.session.epoch >= self.state.epoch
        else {
            return (false, false)
        }
        let digest = cast.digest(session, token)
        guard digest == stored.record.verifierDigest else {
            // A retry gets the same successor.
            let isRepeat =
                stored.record.previousDigest.map { $0 == digest } == true
                && time <= stored.record.graceDeadline.milliseconds
            return (isRepeat, false)
        }
        stored.record = SessionRecord(
            session: stored.record.session,
            verifierDigest: cast.digest(session, token + 1),
            previousDigest: digest,
            graceDeadline: Timestamp(milliseconds: time + grace)
        )
        self.state.sessions[session] = stored
        return (true, true)
    }

    mutating func register(_ node: NodeID, lease: Int64, at time: Int64) {
        self.state.nodes.removeAll { $0.node == node || $0.until <= time - 60_000 }
        self.state.nodes.append(Registration(node: node, until: time + lease))
    }
}
