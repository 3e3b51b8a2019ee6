/// An entry for a timeline as applications tell of it: a `path`, with or without a `method`, or an `action`.
package struct NewActivityJSON: Codable, Sendable, Equatable {
    package var at: WireTime?
    package var method: String?
    package var path: String?
    package var action: String?
    package var status: Int?

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case at, method, path, action, status
    }

    package init(from decoder: any Decoder) throws {
        try decoder.refuseMembers(beyond: ["at", "method", "path", "action", "status"])
        let members = try decoder.container(keyedBy: CodingKeys.self)
        self.at = try members.decodeIfPresent(WireTime.self, forKey: .at)
        self.method = try members.decodeIfPresent(String.self, forKey: .method)
        self.path = try members.decodeIfPresent(String.self, forKey: .path)
        self.action = try members.decodeIfPresent(String.self, forKey: .action)
        self.status = try members.decodeIfPresent(Int.self, forKey: .status)
    }
}

/// `POST /api/sessions/{id}/activity`: one entry, or up to 100 in `entries`.
package struct AddActivityJSON: RequestBodyJSON {
    package var at: WireTime?
    package var method: String?
    package var path: String?
    package var action: String?
    package var status: Int?
    package var entries: [NewActivityJSON]?

    package init() {}

    /// The most entries of one call.
    package static let maximumEntries = 100
    package static let fields: Set<String> = ["at", "method", "path", "action", "status", "entries"]
}

/// The answer to it.
package struct AddedActivityJSON: Codable, Sendable, Equatable {
    /// All of them, or none where timelines are off.
    package var recorded: Int

    package init(recorded: Int) { self.recorded = recorded }
}

/// An entry of a timeline.
package struct ActivityJSON: Codable, Sendable, Equatable {
    package var at: WireTime
    package var method: String?
    package var path: String?
    package var action: String?
    package var status: Int?
    /// `application` or `forward-auth`.
    package var source: String

    package init(at: WireTime, source: String) {
        self.at = at
        self.source = source
    }
}

/// A page of a timeline, last first.
package struct ActivityPageJSON: Codable, Sendable, Equatable {
    package var entries: [ActivityJSON]
    /// The `cursor` of the next page; left out at the end.
    package var nextCursor: String?

    package init(entries: [ActivityJSON], nextCursor: String?) {
        self.entries = entries
        self.nextCursor = nextCursor
    }
}
