public import SessionCore
import SessionStore

extension SessionGateway {
    /// Adds to the timeline of an active session, all entries or none. A timeline keeps the last
    /// ``GatewayConfiguration/activityEntries`` that were recorded.
    /// - Parameter entries: 1 to 100. Of paths, the query is left out. A time may lie up to a minute in the future,
    ///   and not before the session.
    /// - Returns: how many were recorded: all, or none where timelines are off.
    /// - Throws: ``GatewayError/Code/invalid``, which names an entry among several as in `entries.3.path`;
    ///   ``GatewayError/Code/notFound``; ``GatewayError/Code/unavailable``.
    public func addActivity(_ entries: [ActivityEntry], to id: SessionID) async throws(GatewayError) -> Int {
        guard (1...ActivityEntry.maximumBatch).contains(entries.count) else {
            let reason = "must have 1 to \(ActivityEntry.maximumBatch) entries"
            throw .invalid(InputError(field: "entries", reason: reason))
        }
        func invalid(_ index: Int, _ error: InputError) -> GatewayError {
            let prefix = entries.count == 1 ? "" : "entries.\(index)."
            return .invalid(InputError(field: prefix + error.field, reason: error.reason))
        }
        var cleaned: [ActivityEntry] = []
        for (index, entry) in entries.enumerated() {
            var entry = entry
            entry.source = .application
            if case .request(let method, let path) = entry.act {
                entry.act = .request(method: method, path: ActivityEntry.path(of: path))
            }
            do { try entry.validate() } catch { throw invalid(index, error) }
            cleaned.append(entry)
        }
        guard self.configuration.activityEntries > 0 else {
            guard let session = try await self.session(id), session.end == nil else { throw .notFound }
            return 0
        }
        let addition = [(id: id, entries: cleaned)]
        // Whether an answer that did not come was "recorded" matters little: repeated, the entry stands there twice.
        let outcomes = try await self.asking { store async throws(StoreError) in
            try await store.addActivity(
                addition,
                keeping: self.configuration.activityEntries,
                epoch: self.clock.epoch
            )
        }
        switch outcomes.first {
        case .added(let count):
            self.activity.count(recorded: count)
            return count
        case .beforeSession(let index):
            throw invalid(index, InputError(field: "at", reason: "must not be before the session"))
        case .inFuture(let index):
            throw invalid(index, InputError(field: "at", reason: "must not be in the future"))
        case .gone, nil: throw .notFound
        }
    }

    /// A part of a session's timeline, last first; also of a session that has ended, for the retention.
    /// - Parameters:
    ///   - user: when given, only a session of this user has one.
    ///   - place: ``ActivityPage/next`` of the page before.
    ///   - limit: 1 to 200.
    /// - Throws: ``GatewayError/Code/notFound`` when nothing is known of the session, ``GatewayError/Code/unavailable``.
    public func activity(
        of id: SessionID,
        onlyOf user: UserID? = nil,
        after place: ActivityPlace? = nil,
        limit: Int = 50
    ) async throws(GatewayError) -> ActivityPage {
        guard let owner = try await self.session(id)?.session.user, user == nil || user == owner else {
            throw .notFound
        }
        let timeline = try await self.asking { store async throws(StoreError) in
            try await store.activity(of: id)
        }
        return ActivityPage(timeline, after: place, limit: limit)
    }

    /// Has a request recorded that a proxy has asked about, soon and if there is room: at most once a second for
    /// the same method and path of a session.
    /// - Parameter target: path and query; the query is left out.
    package func noteActivity(method: String, target: String, of id: SessionID) {
        self.activity.add(.request(method: method, path: ActivityEntry.path(of: target)), of: id)
    }

    /// Sends what waits to be recorded, without waiting for its time.
    package func flushActivity() async { await self.activity.send() }
}
