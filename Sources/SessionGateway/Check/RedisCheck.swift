import NIOCore
import RedisClient
import SessionCore
import SessionStore

/// Checks that need Redis, on one event loop with that loop's own connection.
///
/// Concurrent checks of one session share one read, but only while the lease is alive: then every revocation
/// acknowledged before a check began has spoilt the read's ticket, and what a spoilt read says counts only for
/// the check that caused it. A node without a lease sends one read, and one of the epoch, for each check.
final class RedisCheck: Sendable {
    struct Context: Sendable {
        let redis: RedisClient
        let store: RedisSessionStore
        let cache: NearCacheShards
        let clock: CheckClock
        let coherence: CoherenceDriver
        let refusals: DeniedCheckCounters
        let outage: OutageGrace
        let isStrict: Bool
        let render: @Sendable (LiveSession) -> [UInt8]
        let endReused: @Sendable (Token) -> Void
    }

    typealias Completion = (CheckResult) -> Void

    /// A read under way, and who waits for it besides the check that caused it.
    private struct Reading {
        var joined: [(check: PendingCheck, completion: Completion)] = []
    }

    private let eventLoop: any EventLoop
    private let context: Context
    private let readings: NIOLoopBoundBox<[SessionID: Reading]>

    init(eventLoop: any EventLoop, context: Context) {
        self.eventLoop = eventLoop
        self.context = context
        self.readings = NIOLoopBoundBox.makeBoxSendingValue([:], eventLoop: eventLoop)
    }

    /// Answers on the event loop, at once or later. To be called there.
    func check(_ check: PendingCheck, completion: @escaping Completion) {
        let now = MonotonicClock.now()
        let isLeased = self.context.clock.isLeased(at: now)
        let token = check.token
        let id = token.sessionID
        if isLeased, self.readings.value[id] != nil {
            self.readings.value[id]?.joined.append((check, completion))
            return
        }
        guard let connection = self.context.redis.connection(on: self.eventLoop),
            let time = self.context.clock.time(at: now)
        else { return completion(self.context.outage.answer(token, at: now)) }
        let read = self.context.store.readCommand(
            id,
            timeToLive: TimeToLive.of(
                idleTimeout: token.idleTimeout,
                absoluteDeadline: token.absoluteExpiry,
                at: time
            )
        )
        // The ticket is drawn before the read is sent: whatever is published from now on spoils it.
        let ticket = self.context.cache.beginFill(id)
        if isLeased {
            self.readings.value[id] = Reading()
            connection.send(read) { result in
                self.finish(check, ticket, shared: true, result, touchedAt: time, completion: completion)
            }
        } else {
            connection.send(read, self.context.store.epochCommand()) { results in
                if case .success((_, let epoch)) = results {
                    guard let epoch = self.context.store.decodeEpoch(epoch) else {
                        self.context.cache.cancelFill(ticket, of: id)
                        return completion(.unavailable)
                    }
                    self.context.coherence.learned(epoch: epoch)
                }
                let record = results.map(\.0)
                self.finish(check, ticket, shared: false, record, touchedAt: time, completion: completion)
            }
        }
    }

    private func finish(
        _ check: PendingCheck,
        _ ticket: NearCache.FillTicket,
        shared: Bool,
        _ result: Result<RedisValue, RedisError>,
        touchedAt: Timestamp,
        completion: Completion
    ) {
        let id = check.token.sessionID
        let isSpoilt = self.context.cache.isSpoilt(ticket, of: id)
        let joined = shared ? self.readings.value.removeValue(forKey: id)?.joined ?? [] : []
        switch result {
        case .failure:
            self.context.cache.cancelFill(ticket, of: id)
            let now = MonotonicClock.now()
            completion(self.context.outage.answer(check.token, at: now))
            for other in joined { other.completion(self.context.outage.answer(other.check.token, at: now)) }
        case .success(let reply):
            let judged = self.judge(check, reply)
            self.fill(check.token, judged, ticket, touchedAt: touchedAt)
            completion(judged.result)
            for other in joined {
                if isSpoilt {
                    self.check(other.check, completion: other.completion)
                } else {
                    other.completion(self.judge(other.check, reply).result)
                }
            }
        }
    }

    /// What a reply says of a token.
    private struct Judgement {
        var result: CheckResult
        /// Whether the near-cache may take it: the token is the session's present one, and not from there.
        var isNews = false
    }

    private func fill(
        _ token: Token,
        _ judged: Judgement,
        _ ticket: NearCache.FillTicket,
        touchedAt: Timestamp
    ) {
        let id = token.sessionID
        switch judged.result.kind {
        case .active(let value) where judged.isNews:
            let entry = NearCache.Entry(
                digest: token.digest,
                value: value,
                idleTimeout: value.session.idleTimeout,
                absoluteDeadline: value.session.absoluteDeadline,
                epoch: value.session.epoch,
                touchedAt: touchedAt
            )
            self.context.cache.completeFill(ticket, of: id, entry: entry)
        case .refused(.ended):
            self.context.cache.cancelFill(ticket, of: id)
            // Remembered, so that asking again costs nothing.
            self.context.cache.end([id])
        case .active, .refused, .unavailable: self.context.cache.cancelFill(ticket, of: id)
        }
    }

    private func judge(_ check: PendingCheck, _ reply: RedisValue) -> Judgement {
        guard let time = self.context.clock.time(at: MonotonicClock.now()) else {
            return Judgement(result: .unavailable)
        }
        if let earlier = check.earlier, reply.holds(earlier.record),
            earlier.session.state(at: time, epoch: self.context.clock.epoch) == .active
        {
            return Judgement(result: .active(earlier))
        }
        let found: SessionRecord?
        do {
            found = try self.context.store.decodeRecord(reply, id: check.token.sessionID)
        } catch {
            return Judgement(result: .unavailable)
        }
        guard let record = found else { return self.refuse(.ended) }
        switch record.session.state(at: time, epoch: self.context.clock.epoch) {
        case .active: break
        case .endedWithEveryone: return self.refuse(.ended)
        case .expired: return self.refuse(.expired)
        }
        let match = record.match(check.token.verifier.digest, at: time)
        switch match {
        case .current, .grace:
            let value = CachedSession(
                session: record.session,
                answer: self.context.render(record.session),
                record: self.context.isStrict ? reply.bytes ?? [] : []
            )
            return Judgement(result: .active(value), isNews: match == .current)
        case .reused:
            self.context.endReused(check.token)
            return self.refuse(.reused)
        }
    }

    private func refuse(_ refusal: Refusal) -> Judgement {
        self.context.refusals.count(refusal)
        return Judgement(result: .refused(refusal))
    }
}
