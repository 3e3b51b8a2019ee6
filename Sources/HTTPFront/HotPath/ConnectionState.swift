/// What ``CheckHandler``, in front of the HTTP decoder, and ``ConnectionObserver``, behind it, know together of
/// one connection. Confined to its event loop.
///
/// The hot path may answer only while nothing slower can be under way, or answers would come out of order:
/// 1. every request head that the decoder gave has had the end of its response written (``inFlight``),
/// 2. the last part that the decoder gave was a request's end (``isBetweenRequests``),
/// 3. the bytes that the decoder got last ended in CRLF CRLF (``endedInBlankLine``). With 2 it follows that it
///    holds no partial request: inside of a head, wherever it begins, CRLF CRLF would have completed the head
///    (and then the last part is a head, or an end and nothing is left) or been an error, and
/// 4. nothing was seen after which the connection is to be closed (``isTerminal``).
final class ConnectionState {
    /// Heads that came out of the decoder and have had no response end yet.
    var inFlight = 0
    /// Whether the last part out of the decoder was an end, or none came yet.
    var isBetweenRequests = true
    /// Whether the last bytes into the decoder ended in CRLF CRLF, or there were none yet.
    var endedInBlankLine = true
    /// Set by a request without keep-alive, an upgrade, a parser's error or a server that is shutting down.
    var isTerminal = false
    /// Whether nothing that still comes in is of use: the last request of the connection has been read, or something
    /// that is no HTTP. The decoder would keep all that follows an upgrade or CONNECT, so it gets nothing more.
    var dropsInput = false
    /// Ends that came out of the decoder.
    var completedRequests = 0

    /// Tick of the last sign of life.
    var lastActivity: Int
    /// Tick at which the first bytes of an unfinished request went to the decoder.
    var incompleteSince: Int?
    /// Whether a TLS handshake is under way; it has the time of a request.
    var isShakingHands: Bool
    /// Tick at which the server began to shut down.
    var quiescingSince: Int?
    /// Tick at which the last answer of the connection was written; the peer has some time to read it and to close.
    var closingSince: Int?
    /// Tick since which the peer has not read what was written.
    var unwritableSince: Int?

    init(tick: Int, isSecure: Bool = false) {
        self.lastActivity = tick
        self.isShakingHands = isSecure
        self.incompleteSince = isSecure ? tick : nil
    }

    /// Whether the hot path may answer.
    var isQuiet: Bool {
        self.inFlight == 0 && self.isBetweenRequests && self.endedInBlankLine && !self.isTerminal
    }

    /// Whether the connection has outstayed one of its limits.
    func isOverdue(at tick: Int, limits: ConnectionLimits, isAnswering: Bool) -> Bool {
        if let since = self.quiescingSince, tick - since >= limits.shutdownGrace { return true }
        if let since = self.unwritableSince, tick - since >= limits.idle { return true }
        if let since = self.closingSince, tick - since >= limits.request { return true }
        if let since = self.incompleteSince { return tick - since >= limits.request }
        if isAnswering || self.inFlight > 0 { return false }
        return tick - self.lastActivity >= limits.idle
    }
}

/// Time limits of a connection, in ticks of one second.
struct ConnectionLimits: Sendable {
    /// Without a request.
    var idle = 60
    /// From the first byte of a request to its last, and for a TLS handshake: 10 s at most, also when a tick comes
    /// late.
    var request = 9
    /// From the begin of a shutdown.
    var shutdownGrace = 10
}
