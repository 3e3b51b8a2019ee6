import DequeModule
import NIOCore

/// The rules of one pipelined connection: who gets which reply, and that everybody gets exactly one answer.
///
/// ```
/// connecting ─connected→ handshaking ─identified→ gating ─admitted→ ready ─READONLY→ retiring
///      └──────────────────────┴───────────────────────┴───────────────┴────close──────────┴→ closed
/// ```
/// Redis answers in order, so a command's place in the queue (its *slot*) is all that ties it to its reply. A slot
/// whose caller has been answered already (deadline, cancellation) is *abandoned*: it stays until its reply has
/// come, which is then discarded; leaving the queue early would hand its reply to the next caller.
struct ConnectionMachine<Completion>: ~Copyable {
    /// Where a connection is in its life.
    enum Phase: Sendable {
        /// The socket (and TLS) is being opened.
        case connecting
        /// AUTH, SELECT, INFO … are unanswered.
        case handshaking(Handshake)
        /// The gate (journal replay) is using the connection, nobody else yet.
        case gating
        /// In general use.
        case ready
        /// Takes no more commands, and closes after the last reply.
        case retiring
        case closed
    }

    /// The replies to one slot.
    enum Replies: Sendable, Equatable {
        case one(RedisValue)
        case many([RedisValue])
    }

    /// What became of a new command.
    enum Enqueued {
        /// It has a slot; write it.
        case accepted(id: UInt64)
        /// It has none; answer it with the error.
        case refused(RedisError)
    }

    /// What to do with a reply.
    enum ReplyAction {
        case complete(Completion, Replies)
        /// Part of a longer answer, or nobody waits for it any more.
        case none
        case identified(ServerIdentity)
        case close(RedisError)
    }

    /// What to do at a look at the clock.
    struct Sweep {
        /// To be answered with ``RedisError/Code-swift.enum/deadlineExceeded``.
        var expired: [Completion] = []
        /// The peer is stopped or unreachable: close.
        var isSilent = false
        /// Something is pending: look again.
        var isPending = false
    }

    private struct Slot {
        /// Nil when abandoned.
        var completion: Completion?
        var missing: Int
        var replies: [RedisValue] = []
        let enqueued: NIODeadline
        let deadline: NIODeadline
    }

    private(set) var phase: Phase = .connecting
    private var slots: Deque<Slot> = []
    /// The id of the first slot; ids are consecutive.
    private var firstID: UInt64 = 0
    /// Slots before this id have been handed to the socket.
    private var writtenID: UInt64 = 0
    private var pendingReplies = 0
    private var abandonedSlots = 0
    private var lastReceived: NIODeadline
    /// No live slot's deadline is earlier. Not raised when a slot completes: a scan too many is cheaper.
    private var earliestDeadline: NIODeadline = .distantFuture
    private let maxPendingReplies: Int
    private let silenceLimit: TimeAmount

    /// - Parameters:
    ///   - maxPendingReplies: the bound of the queue.
    ///   - silenceLimit: how long a peer may send nothing while an abandoned slot waits.
    init(maxPendingReplies: Int, silenceLimit: TimeAmount, now: NIODeadline) {
        self.maxPendingReplies = maxPendingReplies
        self.silenceLimit = silenceLimit
        lastReceived = now
    }

    var isClosed: Bool { if case .closed = phase { true } else { false } }
    var isRetiring: Bool { if case .retiring = phase { true } else { false } }
    var hasPending: Bool { !slots.isEmpty }

    /// Whether nothing is pending and nothing has been received for a while.
    func isIdle(for interval: TimeAmount, now: NIODeadline) -> Bool {
        slots.isEmpty && now - lastReceived >= interval
    }

    // MARK: Life

    /// The socket is open. False when the connection was closed meanwhile.
    mutating func connected(_ handshake: Handshake, now: NIODeadline) -> Bool {
        guard case .connecting = phase else { return false }
        lastReceived = now
        phase = .handshaking(handshake)
        return true
    }

    /// The gate has passed. False when the connection was closed meanwhile.
    mutating func admitted() -> Bool {
        guard case .gating = phase else { return false }
        phase = .ready
        return true
    }

    /// Ends the connection. Gives every command that has no answer yet, and whether it may have reached Redis; the
    /// second call gives none.
    mutating func close() -> [(completion: Completion, written: Bool)] {
        guard !isClosed else { return [] }
        phase = .closed
        var pending: [(completion: Completion, written: Bool)] = []
        for (offset, slot) in slots.enumerated() {
            guard let completion = slot.completion else { continue }
            pending.append((completion, firstID + UInt64(offset) < writtenID))
        }
        firstID += UInt64(slots.count)
        slots = []
        pendingReplies = 0
        abandonedSlots = 0
        return pending
    }

    // MARK: Commands

    /// Takes a command, or several in one slot (`replies` of them, 1 or more).
    mutating func enqueue(
        _ completion: Completion,
        replies: Int,
        now: NIODeadline,
        timeout: TimeAmount
    ) -> Enqueued {
        switch phase {
        case .gating, .ready: break
        case .connecting, .handshaking, .retiring, .closed:
            return .refused(RedisError(.unavailable, "the connection is not open"))
        }
        guard pendingReplies + replies <= maxPendingReplies else {
            return .refused(RedisError(.overloaded, "\(pendingReplies) replies are pending"))
        }
        let deadline = now + timeout
        slots.append(Slot(completion: completion, missing: replies, enqueued: now, deadline: deadline))
        pendingReplies += replies
        if deadline < earliestDeadline { earliestDeadline = deadline }
        return .accepted(id: firstID + UInt64(slots.count) - 1)
    }

    /// Everything enqueued has been handed to the socket.
    mutating func flushed() {
        writtenID = firstID + UInt64(slots.count)
    }

    /// Abandons a slot; gives its completion unless it has been answered already.
    mutating func cancel(_ id: UInt64) -> Completion? {
        guard id >= firstID, id - firstID < UInt64(slots.count) else { return nil }
        return abandon(Int(id - firstID))
    }

    /// Abandons every slot past its deadline, and says whether the peer is dead.
    mutating func sweep(now: NIODeadline) -> Sweep {
        var sweep = Sweep()
        if now >= earliestDeadline {
            earliestDeadline = .distantFuture
            for index in slots.indices where slots[index].completion != nil {
                if slots[index].deadline > now {
                    earliestDeadline = min(earliestDeadline, slots[index].deadline)
                } else if let completion = abandon(index) {
                    sweep.expired.append(completion)
                }
            }
        }
        if abandonedSlots > 0, let oldest = slots.first(where: { $0.completion == nil }) {
            sweep.isSilent = now - max(lastReceived, oldest.enqueued) >= silenceLimit
        }
        sweep.isPending = !slots.isEmpty
        return sweep
    }

    private mutating func abandon(_ index: Int) -> Completion? {
        guard let completion = slots[index].completion else { return nil }
        slots[index].completion = nil
        slots[index].replies = []
        abandonedSlots += 1
        return completion
    }

    // MARK: Replies

    /// Bytes came in, be they a whole reply or not.
    mutating func receivedBytes(now: NIODeadline) {
        lastReceived = now
    }

    /// A whole reply came in.
    mutating func received(_ reply: RedisValue) -> ReplyAction {
        switch phase {
        case .handshaking(var handshake):
            switch handshake.received(reply) {
            case .pending:
                phase = .handshaking(handshake)
                return .none
            case .failed(let error): return .close(error)
            case .identified(let identity):
                phase = .gating
                return .identified(identity)
            }
        case .gating, .ready, .retiring:
            if case .error(let error) = reply, error.isDemotion { retire() }
            return deliver(reply)
        case .connecting, .closed:
            return .close(RedisError(.protocolViolation, "a reply on a connection that is not open"))
        }
    }

    private mutating func deliver(_ reply: RedisValue) -> ReplyAction {
        guard !slots.isEmpty else {
            return .close(RedisError(.protocolViolation, "a reply that nobody asked for"))
        }
        pendingReplies -= 1
        if slots[0].missing == 1 {
            var slot = slots.removeFirst()
            firstID += 1
            guard let completion = slot.completion else {
                abandonedSlots -= 1
                return .none
            }
            guard !slot.replies.isEmpty else { return .complete(completion, .one(reply)) }
            slot.replies.append(reply)
            return .complete(completion, .many(slot.replies))
        }
        slots[0].missing -= 1
        if slots[0].completion != nil { slots[0].replies.append(reply) }
        return .none
    }

    /// The server is no longer what it was when the connection was made. A new connection will find out what it is.
    private mutating func retire() {
        if case .ready = phase { phase = .retiring }
    }
}

extension RedisError {
    /// Whether the reply says that a master has become a replica.
    fileprivate var isDemotion: Bool { prefix == "READONLY" || prefix == "MASTERDOWN" }
}
