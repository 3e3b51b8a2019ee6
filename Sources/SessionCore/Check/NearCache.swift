import DequeModule

/// Sessions that a node has checked lately, one shard of them: a bounded map from session id to what a hit
/// needs, with the bookkeeping that keeps it honest.
///
/// - A *hit* needs the very token that was verified when the entry was filled (compared by digest, in constant
///   time), deadlines that are not over, and an epoch that still holds. Whether the node may answer from the
///   cache at all is the ``Lease``'s business.
/// - *Fills* race with invalidations: the read was sent before, the reply comes after. ``beginFill(_:)``
///   therefore hands out a ticket, every invalidation spoils the tickets of its session, every flush all of
///   them, and ``completeFill(_:entry:)`` takes only what is not spoilt.
/// - *Tombstones* remember endings for a while, so that asking again for what has ended costs Redis nothing. A
///   session never comes back, so a tombstone is never wrong; the table is bounded, the oldest go.
/// - The capacity is kept by a clock hand that passes over entries that were used since its last round.
public struct NearCache: Sendable {
    /// What a fill brings in.
    package struct Entry: Sendable {
        package let digest: Digest256
        package let value: CachedSession
        package let idleTimeout: Duration
        package let absoluteDeadline: Timestamp
        package let epoch: UInt64
        /// When the key's TTL was set to idle timeout + precision.
        package let touchedAt: Timestamp

        package init(
            digest: Digest256,
            value: CachedSession,
            idleTimeout: Duration,
            absoluteDeadline: Timestamp,
            epoch: UInt64,
            touchedAt: Timestamp
        ) {
            self.digest = digest
            self.value = value
            self.idleTimeout = idleTimeout
            self.absoluteDeadline = absoluteDeadline
            self.epoch = epoch
            self.touchedAt = touchedAt
        }
    }

    /// What a look-up finds.
    package enum Lookup: Sendable {
        /// The session is good. With `touch`, its key's TTL is due to be set again (and is taken as set from
        /// now on).
        case hit(CachedSession, touch: Bool)
        /// The session has ended; this was heard of lately.
        case ended
        /// Redis has to be asked.
        case miss
    }

    /// The right to complete one fill.
    package struct FillTicket: Sendable {
        let id: SessionID
        let generation: UInt64
        let version: UInt64
    }

    private struct Slot: Sendable {
        let id: SessionID
        let digest: Digest256
        let value: CachedSession
        let idle: Int64
        let precision: Int64
        let absoluteDeadline: Int64
        let epoch: UInt64
        let generation: UInt64
        var lastHit: Int64
        var touchedAt: Int64
        var used: Bool

        func admits(_ id: SessionID, digest: Digest256, now: Timestamp, epoch: UInt64) -> Bool {
            self.id == id && self.digest == digest && self.epoch >= epoch
                && now.milliseconds < self.absoluteDeadline
                // Another node may have touched it since, so Redis is asked, not the user refused.
                && now.milliseconds <= self.lastHit + self.idle
        }

        mutating func use(
            _ id: SessionID,
            digest: Digest256,
            now: Timestamp,
            epoch: UInt64,
            generation: UInt64
        ) -> Lookup {
            guard self.generation == generation, self.admits(id, digest: digest, now: now, epoch: epoch)
            else { return .miss }
            // Not at every hit: what one processor writes the others have to fetch. That the idle timeout seems over a
            // little early only makes it a miss.
            if now.milliseconds - self.lastHit >= min(1000, self.idle / 64) {
                self.lastHit = now.milliseconds
            }
            if !self.used { self.used = true }
            let touch = now.milliseconds - self.touchedAt >= self.precision
            if touch { self.touchedAt = now.milliseconds }
            return .hit(self.value, touch: touch)
        }
    }

    private struct OpenFills: Sendable {
        var count: Int
        var version: UInt64
    }

    private let capacity: Int
    private let tombstoneCapacity: Int
    private var index: [UInt64: Int32] = [:]
    private var slots: [Slot?] = []
    private var free: [Int32] = []
    private var hand = 0
    private var fills: [SessionID: OpenFills] = [:]
    private var generation: UInt64 = 0
    private var tombstones: Set<SessionID> = []
    private var tombstoneOrder: Deque<SessionID> = []

    /// - Parameters:
    ///   - capacity: most entries; at least 1.
    ///   - tombstones: most endings remembered; at least 1.
    public init(capacity: Int, tombstones: Int = 16_384) {
        self.capacity = max(1, min(capacity, Int(Int32.max)))
        self.tombstoneCapacity = max(1, tombstones)
        // Growing would leave twice the memory; what is only reserved takes none.
        let reserved = min(self.capacity, 65_536)
        self.index.reserveCapacity(reserved)
        self.slots.reserveCapacity(reserved)
    }

    /// How many sessions are held, those set aside included.
    public var count: Int { self.index.count }

    /// Looks a session up.
    /// - Parameters:
    ///   - digest: of the whole token that was presented.
    ///   - now: Redis's time as this node estimates it.
    ///   - epoch: the highest epoch heard of.
    package mutating func lookup(
        _ id: SessionID,
        digest: Digest256,
        now: Timestamp,
        epoch: UInt64
    ) -> Lookup {
        guard let position = self.index[id.value] else {
            return !self.tombstones.isEmpty && self.tombstones.contains(id) ? .ended : .miss
        }
        // In place: a copy of the slot would be most of a hit's cost.
        let generation = self.generation
        return self.slots[Int(position)]?
            .use(id, digest: digest, now: now, epoch: epoch, generation: generation) ?? .miss
    }

    /// Looks a session up among the entries that a flush has set aside too, for an installation that prefers
    /// availability while Redis is away. The idle timeout still counts.
    package func lookupDuringOutage(
        _ id: SessionID,
        digest: Digest256,
        now: Timestamp,
        epoch: UInt64
    ) -> CachedSession? {
        guard let position = self.index[id.value], let slot = self.slots[Int(position)],
            slot.admits(id, digest: digest, now: now, epoch: epoch)
        else { return nil }
        return slot.value
    }

    /// Whether the session's end was heard of lately.
    package func isEnded(_ id: SessionID) -> Bool { self.tombstones.contains(id) }

    /// A read of a session's record is about to be sent. Every ticket must be handed back to
    /// ``completeFill(_:entry:)`` or ``cancelFill(_:)``.
    package mutating func beginFill(_ id: SessionID) -> FillTicket {
        self.fills[id, default: OpenFills(count: 0, version: 0)].count += 1
        return FillTicket(id: id, generation: self.generation, version: self.fills[id]?.version ?? 0)
    }

    /// Whether an invalidation or a flush came after the ticket was handed out.
    package func isSpoilt(_ ticket: FillTicket) -> Bool {
        ticket.generation != self.generation || self.fills[ticket.id]?.version != ticket.version
    }

    /// The record has arrived.
    /// - Returns: whether it was kept; not when an invalidation or a flush came in between.
    @discardableResult
    package mutating func completeFill(_ ticket: FillTicket, entry: Entry) -> Bool {
        let version = self.close(ticket)
        guard version == ticket.version, ticket.generation == self.generation,
            !self.tombstones.contains(ticket.id)
        else { return false }
        self.insert(ticket.id, entry)
        return true
    }

    /// The read failed, or found nothing worth keeping.
    package mutating func cancelFill(_ ticket: FillTicket) { _ = self.close(ticket) }

    /// The session's record has changed: the copy goes, the next check reads it anew.
    package mutating func invalidate(_ id: SessionID) {
        self.remove(id)
        self.fills[id]?.version += 1
    }

    /// The session has ended.
    package mutating func end(_ id: SessionID) {
        self.invalidate(id)
        guard self.tombstones.insert(id).inserted else { return }
        self.tombstoneOrder.append(id)
        if self.tombstoneOrder.count > self.tombstoneCapacity, let oldest = self.tombstoneOrder.popFirst() {
            self.tombstones.remove(oldest)
        }
    }

    /// Messages may have been missed: nothing that is held, and nothing whose read is under way, can be trusted.
    /// Entries are set aside, not dropped: they answer no look-up but ``lookupDuringOutage(_:digest:now:epoch:)``
    /// and make room first. Tombstones stay: what has ended stays ended.
    package mutating func flush() { self.generation += 1 }

    /// Forgets endings, because another Redis is asked now, and it has the last word.
    package mutating func forgetEndings() {
        self.tombstones.removeAll(keepingCapacity: true)
        self.tombstoneOrder.removeAll(keepingCapacity: true)
    }

    private mutating func close(_ ticket: FillTicket) -> UInt64? {
        guard var open = self.fills[ticket.id] else { return nil }
        open.count -= 1
        self.fills[ticket.id] = open.count > 0 ? open : nil
        return open.version
    }

    private mutating func insert(_ id: SessionID, _ entry: Entry) {
        self.remove(id)
        // Two sessions may share the 64 bits in different partitions; the newer takes the place.
        if let other = self.index[id.value], let slot = self.slots[Int(other)] { self.remove(slot.id) }
        let slot = Slot(
            id: id,
            digest: entry.digest,
            value: entry.value,
            idle: entry.idleTimeout.inMilliseconds,
            precision: SessionPolicy.touchPrecision(forIdleTimeout: entry.idleTimeout).inMilliseconds,
            absoluteDeadline: entry.absoluteDeadline.milliseconds,
            epoch: entry.epoch,
            generation: self.generation,
            lastHit: entry.touchedAt.milliseconds,
            touchedAt: entry.touchedAt.milliseconds,
            used: false
        )
        if self.index.count >= self.capacity { self.evictOne() }
        let position: Int32
        if let reused = self.free.popLast() {
            position = reused
            self.slots[Int(reused)] = slot
        } else {
            position = Int32(self.slots.count)
            self.slots.append(slot)
        }
        self.index[id.value] = position
    }

    private mutating func remove(_ id: SessionID) {
        guard let position = self.index[id.value], self.slots[Int(position)]?.id == id else { return }
        self.index[id.value] = nil
        self.slots[Int(position)] = nil
        self.free.append(position)
    }

    /// Second chance: at most one round clears the marks, so at most two rounds find a victim.
    private mutating func evictOne() {
        for _ in 0..<(self.slots.count * 2) {
            if self.hand >= self.slots.count { self.hand = 0 }
            let place = self.hand
            self.hand += 1
            guard let slot = self.slots[place] else { continue }
            if slot.used, slot.generation == self.generation {
                self.slots[place]?.used = false
            } else {
                self.remove(slot.id)
                return
            }
        }
    }
}
