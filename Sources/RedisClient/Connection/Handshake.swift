import NIOCore

/// What a new connection is asked before it carries anything else: who we are, which database, who answers.
///
/// All commands leave in one write. PING stands for "are you fit to serve": LOADING, BUSY and MASTERDOWN answer it.
struct Handshake: Sendable {
    private enum Step: Sendable {
        case authenticate
        case name
        case select
        case ping
        case serverInfo
        case replicationInfo
    }

    /// What a reply led to.
    enum Progress: Sendable, Equatable {
        case pending
        case identified(ServerIdentity)
        case failed(RedisError)
    }

    private let steps: [Step]
    private let requiredRole: String?
    private var answered = 0
    private var serverInfo = ""

    init(_ configuration: RedisConfiguration) {
        var steps: [Step] = []
        if configuration.password != nil { steps.append(.authenticate) }
        if configuration.clientName != nil { steps.append(.name) }
        if configuration.database != 0 { steps.append(.select) }
        self.steps = steps + [.ping, .serverInfo, .replicationInfo]
        requiredRole = configuration.requiredRole
    }

    /// Whether AUTH is still unanswered.
    var isAuthenticating: Bool { answered == 0 && steps.first == .authenticate }

    /// The commands to send, in order.
    func commands(_ configuration: RedisConfiguration) -> [RedisCommand] {
        steps.map { step in
            switch step {
            case .authenticate:
                // The form with one argument is the only one that a Redis older than 6 knows.
                configuration.username.map { RedisCommand("AUTH").arg($0).arg(configuration.password ?? "") }
                    ?? RedisCommand("AUTH").arg(configuration.password ?? "")
            case .name: RedisCommand("CLIENT").arg("SETNAME").arg(configuration.clientName ?? "")
            case .select: RedisCommand("SELECT").arg(configuration.database)
            case .ping: RedisCommand("PING")
            case .serverInfo: RedisCommand("INFO").arg("server")
            case .replicationInfo: RedisCommand("INFO").arg("replication")
            }
        }
    }

    /// Takes the replies one after the other.
    mutating func received(_ reply: RedisValue) -> Progress {
        guard answered < steps.count else {
            return .failed(RedisError(.protocolViolation, "a reply that nobody asked for"))
        }
        let step = steps[answered]
        answered += 1
        if case .error(let error) = reply {
            // A connection without a name works as well as one with.
            return step == .name ? .pending : .failed(error)
        }
        switch step {
        case .authenticate, .name, .select, .ping: return .pending
        case .serverInfo:
            serverInfo = reply.string ?? ""
            return .pending
        case .replicationInfo:
            guard let identity = ServerIdentity(serverInfo: serverInfo, replicationInfo: reply.string ?? "")
            else {
                return .failed(RedisError(.protocolViolation, "INFO names no run_id, master_replid or role"))
            }
            guard requiredRole == nil || requiredRole == identity.role else {
                return .failed(RedisError(.unavailable, "the server's role is \(identity.role)"))
            }
            return .identified(identity)
        }
    }
}
