import GatewayAPI
import Hummingbird
import ServiceKeys
import SessionCore
import SessionGateway

extension Routes {
    /// The timelines of sessions.
    static let activity: [Route] = [
        Route(
            .post,
            "/api/sessions/{id}/activity",
            .service(.check),
            id: "addActivity",
            "Add to the session's timeline: a request or an action, or up to 100.",
            body: .json(AddActivityJSON.self),
            answers: [.answer(200, "The number of recorded entries.", .json(AddedActivityJSON.self))],
            handle: addActivity
        ),
        Route(
            .get,
            "/api/admin/sessions/{id}/activity",
            .organizationAdministrator,
            id: "listActivity",
            "The session's timeline, last first.",
            parameters: timelinePage,
            answers: [timeline],
            handle: activityOfAny
        ),
        Route(
            .get,
            "/api/auth/sessions/{id}/activity",
            .session,
            id: "listOwnActivity",
            "The timeline of one of the user's own sessions, last first.",
            parameters: timelinePage,
            answers: [timeline],
            handle: activityOfOwn
        ),
    ]

    private static let timelinePage: [Route.Parameter] = [
        .query("limit", .integer(1...200)),
        .query("cursor", Schema.activityCursor.note("A nextCursor.")),
    ]
    private static let timeline = Route.Answer.answer(
        200,
        "A page of the timeline.",
        .json(ActivityPageJSON.self)
    )

    private static func addActivity(_ call: RouteCall) async throws -> Response {
        let id = try call.sessionID()
        let body = try await JSONBody(of: call.request, limit: 128 * 1024).decode(AddActivityJSON.self)
        let entries: [ActivityEntry]
        if let several = body.entries {
            guard body.isOtherwiseEmpty else {
                throw Problem.badField("entries", "must not be given together with a single entry")
            }
            entries = try several.enumerated().map { try ActivityEntry($1, prefix: "entries.\($0).") }
        } else {
            entries = [try ActivityEntry(body.single, prefix: "")]
        }
        return .json(AddedActivityJSON(recorded: try await call.gateway.addActivity(entries, to: id)))
    }

    private static func activityOfAny(_ call: RouteCall) async throws -> Response {
        let reach = try call.reach()
        if reach != .everything {
            // A session beyond the caller's reach and one that never was look alike.
            guard let overview = try await call.gateway.session(try call.sessionID()),
                reach.includes(overview.session)
            else { throw Problem.notFound }
        }
        return try await self.page(call, of: nil)
    }

    private static func activityOfOwn(_ call: RouteCall) async throws -> Response {
        // Somebody else's session and one that never was look alike.
        try await self.page(call, of: try call.ownSession().user)
    }

    private static func page(_ call: RouteCall, of user: UserID?) async throws -> Response {
        let id = try call.sessionID()
        let query = try call.query
        let limit = try query.integer("limit", in: 1...200, default: 50)
        let place = query["cursor"].flatMap { ActivityPlace($0) }
        guard place != nil || query["cursor"] == nil else {
            throw Problem.badParameter("cursor", "must be a nextCursor of this timeline")
        }
        let page = try await call.gateway.activity(of: id, onlyOf: user, after: place, limit: limit)
        return .json(
            ActivityPageJSON(entries: page.entries.map { ActivityJSON($0) }, nextCursor: page.next?.text)
        )
    }
}

extension AddActivityJSON {
    fileprivate var isOtherwiseEmpty: Bool {
        self.at == nil && self.method == nil && self.path == nil && self.action == nil && self.status == nil
    }

    fileprivate var single: NewActivityJSON {
        var entry = NewActivityJSON()
        entry.at = self.at
        entry.method = self.method
        entry.path = self.path
        entry.action = self.action
        entry.status = self.status
        return entry
    }
}

extension ActivityEntry {
    fileprivate init(_ json: NewActivityJSON, prefix: String) throws(Problem) {
        let act: Act
        switch (json.path, json.action) {
        case (.some(let path), nil): act = .request(method: json.method, path: path)
        case (nil, .some(let action)):
            guard json.method == nil else {
                throw .badField(prefix + "method", "goes with a path, not with an action")
            }
            act = .action(action)
        case (nil, nil): throw .badField(prefix + "path", "is required, or action instead")
        case (.some, .some): throw .badField(prefix + "action", "must not be given together with path")
        }
        self.init(
            act,
            at: json.at.map { Timestamp(milliseconds: $0.milliseconds) },
            status: json.status
        )
    }
}

extension ActivityJSON {
    fileprivate init(_ entry: ActivityEntry) {
        // What was recorded has its time.
        self.init(at: WireTime(milliseconds: entry.at?.milliseconds ?? 0), source: entry.source.rawValue)
        switch entry.act {
        case .request(let method, let path): (self.method, self.path) = (method, path)
        case .action(let name): self.action = name
        }
        self.status = entry.status
    }
}
