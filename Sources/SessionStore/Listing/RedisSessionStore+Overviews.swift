import RedisClient
package import SessionCore

/// What reading a session for a list found.
enum Found {
    /// Active.
    case active(SessionOverview)
    /// Ended, and still in the history.
    case ended(SessionOverview)
    /// Its key ran out, and nobody has noticed yet.
    case ranOut
    /// Nothing is known of it.
    case unknown
}

extension RedisSessionStore {
    /// Reads details and remaining lifetimes, in pipelines.
    /// - Parameter epoch: the present one; sessions of an earlier one have been revoked.
    func read(_ ids: [SessionID], epoch: UInt64) async throws(StoreError) -> [Found] {
        var found: [Found] = []
        var start = 0
        while start < ids.count {
            let end = min(start + 200, ids.count)
            let chunk = ids[start..<end]
            var commands = [RedisCommand("TIME").routed(by: self.keys.live(chunk[start]))]
            for id in chunk {
                // The TTL first: were it read after the details, a session that ends in between would have
                // neither a TTL nor the line that says how it ended.
                commands.append(RedisCommand("PTTL").key(self.keys.live(id)))
                commands.append(RedisCommand("GET").key(self.keys.details(id)))
            }
            let replies = try await self.pipeline(commands, timeout: self.walkTimeout)
            let now = try Self.time(in: try replies.value(0, of: "TIME"))
            for (position, id) in chunk.enumerated() {
                let left = try replies.number(1 + 2 * position, of: "PTTL")
                let details = try replies.value(2 + 2 * position, of: "GET").orThrow()
                found.append(try Self.judge(id, left: left, details: details, now: now, epoch: epoch))
            }
            start = end
        }
        return found
    }

    private static func judge(
        _ id: SessionID,
        left: Int,
        details: RedisValue,
        now: Timestamp,
        epoch: UInt64
    ) throws(StoreError) -> Found {
        guard let bytes = details.bytes else { return left == -2 ? .unknown : .ranOut }
        let decoded = try DetailsCodec.decode(bytes, id: id)
        let session = decoded.session
        func overview(until: Timestamp, remaining: Duration, end: EndRecord?) -> SessionOverview {
            // The last touch set the TTL to idle timeout + precision. Where the absolute deadline was nearer,
            // the TTL was cut to it and the time of that touch is not to be had: this is then too early a
            // time.
            let precision = SessionPolicy.touchPrecision(forIdleTimeout: session.idleTimeout)
            let touched = until + remaining - (session.idleTimeout + precision)
            return SessionOverview(
                session: session,
                details: decoded.details,
                lastActivity: min(max(touched, session.createdAt), max(until, session.createdAt)),
                end: end
            )
        }
        if let end = decoded.end {
            return .ended(overview(until: end.endedAt, remaining: decoded.remainingAtEnd, end: end))
        }
        guard left >= 0 else { return .ranOut }
        let remaining = Duration.milliseconds(left)
        guard !session.hasEnded(by: epoch) else {
            // Everyone was revoked, and the sweep has not come to this one. When is not recorded with it.
            let end = EndRecord(Ending(.revoked), at: now)
            return .ended(overview(until: now, remaining: remaining, end: end))
        }
        return .active(overview(until: now, remaining: remaining, end: nil))
    }

    /// One session, active or in the history.
    package func session(_ id: SessionID, epoch: UInt64) async throws(StoreError) -> SessionOverview? {
        switch try await self.read([id], epoch: epoch).first {
        case .active(let overview), .ended(let overview): return overview
        case .unknown, nil: return nil
        case .ranOut: break
        }
        await self.finalize([id])
        switch try await self.read([id], epoch: epoch).first {
        case .active(let overview), .ended(let overview): return overview
        case .ranOut, .unknown, nil: return nil
        }
    }

    /// A user's sessions, newest first; with ended ones behind, last ended first.
    /// - Parameter limit: at most this many of each.
    package func sessions(
        of user: UserID,
        includeEnded: Bool,
        epoch: UInt64,
        limit: Int = 1000
    ) async throws(StoreError) -> [SessionOverview] {
        let partition = Partition(of: user)
        let value = try await translating { () async throws(RedisError) in
            try await self.client.send(
                RedisCommand("ZREVRANGE").key(self.keys.sessions(of: user)).arg(0).arg(max(0, limit - 1)),
                timeout: self.walkTimeout
            )
        }
        let ids = try value.answer(of: "ZREVRANGE").ids(from: 0, in: partition, of: "ZREVRANGE")
        let current = try await self.overviews(of: ids, includeEnded: includeEnded, epoch: epoch)
        // Details that are gone do not say whose session it was; here it is known.
        if !current.orphans.isEmpty { try await self.forget(current.orphans, of: user) }
        guard includeEnded else { return current.sessions }
        return current.sessions + (try await self.history(of: user, epoch: epoch, limit: limit))
    }

    /// Takes sessions of which nothing is known out of a user's index.
    func forget(_ orphans: [SessionID], of user: UserID) async throws(StoreError) {
        var rest = orphans[...]
        while !rest.isEmpty {
            let reply = try await self.run(self.calls.forget(Array(rest.prefix(500)), of: user))
            _ = try reply.number(of: "answer of forget")
            rest = rest.dropFirst(500)
        }
    }

    /// A walk through the history of the user's partition, which holds other users' sessions too: bounded.
    private func history(
        of user: UserID,
        epoch: UInt64,
        limit: Int
    ) async throws(StoreError) -> [SessionOverview] {
        let partition = Partition(of: user)
        let batch = 1000
        var ids: [SessionID] = []
        var offset = 0
        while ids.count < limit, offset < 100 * batch {
            let answer = try await self.run(
                self.calls.history(of: user, offset: offset, batch: batch),
                timeout: self.walkTimeout
            ).answer(of: "history")
            ids += try answer.ids(from: 1, in: partition, of: "history")
            guard try answer.number(0, of: "history") == batch else { break }
            offset += batch
        }
        return try await self.overviews(of: Array(ids.prefix(limit)), includeEnded: true, epoch: epoch)
            .sessions
    }

    /// What a list shows of these sessions. Those that ran out are left out and finalized on the way.
    func overviews(
        of ids: [SessionID],
        includeEnded: Bool,
        epoch: UInt64
    ) async throws(StoreError) -> (sessions: [SessionOverview], orphans: [SessionID]) {
        var sessions: [SessionOverview] = []
        var ranOut: [SessionID] = []
        var orphans: [SessionID] = []
        for (id, found) in zip(ids, try await self.read(ids, epoch: epoch)) {
            switch found {
            case .active(let overview): sessions.append(overview)
            case .ended(let overview): if includeEnded { sessions.append(overview) }
            case .ranOut: ranOut.append(id)
            case .unknown:
                ranOut.append(id)
                orphans.append(id)
            }
        }
        await self.finalize(ranOut)
        return (sessions, orphans)
    }
}
