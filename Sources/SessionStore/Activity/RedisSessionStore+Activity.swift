import RedisClient
package import SessionCore

/// What came of adding to a timeline.
package enum AddActivityOutcome: Sendable, Equatable {
    /// So many entries were written.
    case added(Int)
    /// The entry of this index was before the session; nothing was written.
    case beforeSession(Int)
    /// The entry of this index lies in the future; nothing was written.
    case inFuture(Int)
    /// There is no such session.
    case gone
}

extension RedisSessionStore {
    /// The most entries that a timeline can be set to keep.
    package static let maximumActivity = 1000

    /// Adds to the timelines of active sessions, each wholly or not at all. Revives nothing.
    /// - Parameters:
    ///   - additions: validated, at most ``ActivityEntry/maximumBatch`` entries each.
    ///   - most: how many entries a timeline keeps, at least 1.
    ///   - epoch: the present one; a session of an earlier one counts as gone.
    package func addActivity(
        _ additions: [(id: SessionID, entries: [ActivityEntry])],
        keeping most: Int,
        epoch: UInt64
    ) async throws(StoreError) -> [AddActivityOutcome] {
        let replies = try await self.runAll(
            additions.map { self.calls.addActivity($0.entries, to: $0.id, keeping: most, epoch: epoch) }
        )
        var outcomes: [AddActivityOutcome] = []
        for reply in replies {
            let answer = try reply.answer(of: "activity_add")
            switch answer.first?.string {
            case "ok": outcomes.append(.added(try answer.number(1, of: "activity_add")))
            case "early": outcomes.append(.beforeSession(try answer.number(1, of: "activity_add")))
            case "late": outcomes.append(.inFuture(try answer.number(1, of: "activity_add")))
            case "gone": outcomes.append(.gone)
            default: throw .corrupt("answer of activity_add")
            }
        }
        return outcomes
    }

    /// All that a session's timeline holds; nothing when it has none.
    package func activity(
        of id: SessionID
    ) async throws(StoreError) -> [(place: ActivityPlace, entry: ActivityEntry)] {
        let value = try await translating { () async throws(RedisError) in
            try await self.client.send(
                RedisCommand("XREVRANGE").key(self.keys.activity(id)).arg("+").arg("-").arg("COUNT")
                    .arg(Self.maximumActivity),
                timeout: self.walkTimeout
            )
        }
        var timeline: [(place: ActivityPlace, entry: ActivityEntry)] = []
        for element in try value.answer(of: "XREVRANGE") {
            guard let entry = ActivityCodec.decode(element) else {
                throw .corrupt("timeline of session \(id)")
            }
            timeline.append(entry)
        }
        return timeline
    }
}
