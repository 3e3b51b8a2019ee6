import SessionCore

/// The two connections a node has with Redis. Each keeps its order; between them there is none.
enum Link: Int {
    case command = 0
    case subscription = 1
}

/// Whose sessions a revocation ends.
enum Target: Sendable {
    case session(Int)
    case user(Int)
    case everyone
}

/// What a node sends to Redis. Each is executed in one step, as one command or script.
enum Command {
    /// The identity and the time of the server.
    case hello
    /// GETEX, and in the same pipeline the epoch.
    case read(session: Int, withEpoch: Bool)
    /// PEXPIREAT … GT: acts only on what exists and shortens nothing.
    case touch([Touch])
    /// Delete, record, publish.
    case revoke(Target, RevocationMessage.Origin?)
    /// What is left of every node's lease.
    case nodes
    /// Whether `nodes` has entries of others, those that have run out lately included.
    case others
    case rotate(session: Int, from: Int, RevocationMessage.Origin?)
    case create(session: Int)
    /// The node's entry in `nodes`, and a ping to it.
    case heartbeat(sequence: UInt64)
    case acknowledge(node: NodeID, number: UInt64)
    /// End again what the journal says, and raise the epoch.
    case replay([SessionID], epoch: UInt64)
    case subscribe
    /// Not a command of the product: what a touch that writes the record back would do.
    indirect case store(session: Int, SessionRecord, expiry: Timestamp)
}

/// A session's key is to live until `expiry`.
struct Touch {
    let session: Int
    let expiry: Timestamp
    /// The first hit of which Redis has not been told.
    let since: Timestamp
}

enum Reply {
    case hello(identity: Int, time: Timestamp)
    /// Boxed, because events are moved about and all others are small.
    indirect case record(SessionRecord?, epoch: UInt64?)
    /// The sessions that were not there.
    case touched(gone: [Int])
    case ended([SessionID], epoch: UInt64?)
    case nodes([RevocationBroadcaster.NodeLease])
    case rotated(Bool)
    case created
    case others(Bool)
    case time(Timestamp)
    case done
}

/// What Redis sends to a node.
enum Packet {
    case connected
    case reply(Reply)
    case subscribed
    case message(RevocationMessage)
    case closed
}

enum Event {
    case toServer(connection: Int, Command)
    case toNode(connection: Int, Packet)
    case connect(node: Int, incarnation: Int, Link)
    case timer(node: Int, incarnation: Int, NodeTimer)
    case checkArrives(Int)
    case operationArrives(Int)
    case resume(node: Int)
    case restart(node: Int, incarnation: Int)
    case client(ClientEvent)
    case fault
    case endOfSlowness(connection: Int)
    case replicaStops(until: Int64)
    case crash(lossy: Bool)
    case serverUp
    case finalChecks(round: Int)
}

/// What a node wakes up for.
enum NodeTimer {
    case beat
    case broadcastDeadline
    /// A check that was held up between two steps of its handling.
    case examine(check: Int)
    case lookUp(check: Int, isLeased: Bool, at: MonotonicInstant)
    /// Orders held back by a planted bug.
    case carryOut([CoherenceMachine.Action])
    case lateReplay
}

enum ClientEvent {
    case nextCheck
    case nextRevocation
    case nextCreation
    case revoke(Target)
    case sparseCheck(Int)
    case check(session: Int, token: Int, node: Int)
}
