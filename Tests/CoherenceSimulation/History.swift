/// One check as its client sees it.
struct Check {
    let session: Int
    let token: Int
    let node: Int
    let begunAt: Int64
    var isAnswered = false
    var mustBeServed = false
    var mustHit = false
}

/// One order to change something.
struct Operation {
    enum Kind {
        case revoke(Target)
        case rotate(session: Int, from: Int)
        case create(session: Int)
    }

    let kind: Kind
    let node: Int
    let incarnation: Int
    let begunAt: Int64
    /// The sessions that a revocation has to end: those that existed, for their clients, when it began.
    let covers: [Int]
    /// The epoch or the sessions went to Redis at that time.
    var acknowledgedAt: Int64?
    var isFinished = false
}

/// What has happened, as far as promises depend on it, and the first promise that was broken.
struct History {
    struct Session {
        var createdAt: Int64?
        /// Its client has the token.
        var isKnown = false
        /// The earliest acknowledgement of a revocation that covers it.
        var endedAt: Int64?
        /// Some revocation that may end it has begun, or a token was used after its grace.
        var endBegun = false
        /// Every node was asked for it after the last fault: a second time it has a copy.
        var isWarm = false
        /// The token its client presents, and the newest there is.
        var token = 0
        var newestToken = 0
        /// When the token before the newest stops being good, at the earliest.
        var graceUntil: Int64 = 0
        /// When every older token had to be refused: acknowledged and past the grace.
        var oldRefusedFrom: Int64 = .max
        /// Last time that a node accepted it or Redis read it.
        var activity: Int64 = 0
        /// Last time that its client was told yes.
        var accepted: Int64 = 0
        /// A lossy failover has lost the session, a rotation or a touch, or a killed node a touch: no promise.
        var isLost = false
        var isTouchLost = false
        /// No living node knew of its revocation when a failover lost it: no promise.
        var isExempt = false
    }

    var sessions = [Session](repeating: Session(), count: Cast.sessions)
    var isEpochUncertain = false
    var violation: String?
    var counts = Counts()
    var events = 0

    mutating func created(_ session: Int, at now: Int64) {
        self.sessions[session].createdAt = now
        self.sessions[session].activity = now
    }

    mutating func readAtServer(_ session: Int, at now: Int64) {
        self.sessions[session].activity = max(self.sessions[session].activity, now)
        self.sessions[session].isTouchLost = false
    }

    mutating func rotated(_ session: Int, from token: Int, graceUntil: Int64) {
        self.sessions[session].newestToken = token + 1
        self.sessions[session].graceUntil = graceUntil
        self.sessions[session].oldRefusedFrom = .max
    }

    /// A revocation has begun, or comes to Redis: what there is by now may be refused.
    mutating func ending(_ target: Target) {
        for session in self.sessions.indices where self.sessions[session].createdAt != nil {
            switch target {
            case .session(let one): if one != session { continue }
            case .user(let user): if Cast.user(of: session) != user { continue }
            case .everyone: break
            }
            self.sessions[session].endBegun = true
        }
    }

    mutating func fail(_ what: String, at now: Int64) {
        if self.violation == nil { self.violation = "\(now) µs: \(what)" }
    }
}

/// What a simulation did, so that none can pass by doing nothing.
package struct Counts: Sendable, Equatable {
    package init() {}

    package var checks = 0
    package var hits = 0
    package var accepted = 0
    package var refused = 0
    package var unavailable = 0
    package var revocationsAcknowledged = 0
    package var revocationsFailed = 0
    package var rotations = 0
    package var faults = 0
    package var failovers = 0
    package var revocationsDuringFaults = 0
    package var revocationsLostByRedis = 0
    package var exempted = 0
    /// Checks begun after the acknowledgement that covers their session.
    package var checksOfEnded = 0

    package static func += (sum: inout Counts, other: Counts) {
        sum.checks += other.checks
        sum.hits += other.hits
        sum.accepted += other.accepted
        sum.refused += other.refused
        sum.unavailable += other.unavailable
        sum.revocationsAcknowledged += other.revocationsAcknowledged
        sum.revocationsFailed += other.revocationsFailed
        sum.rotations += other.rotations
        sum.faults += other.faults
        sum.failovers += other.failovers
        sum.revocationsDuringFaults += other.revocationsDuringFaults
        sum.revocationsLostByRedis += other.revocationsLostByRedis
        sum.exempted += other.exempted
        sum.checksOfEnded += other.checksOfEnded
    }
}
