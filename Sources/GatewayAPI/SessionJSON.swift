/// A session as the API shows it. What the answering call does not know is left out.
package struct SessionJSON: Codable, Sendable, Equatable {
    /// What the user agent says of the client.
    package struct DeviceJSON: Codable, Sendable, Equatable {
        package var browser: String?
        /// Up to the first dot.
        package var browserVersion: String?
        package var os: String?
        /// `desktop`, `phone`, `tablet`, `bot` or `other`.
        package var kind: String

        package init(browser: String?, browserVersion: String?, os: String?, kind: String) {
            self.browser = browser
            self.browserVersion = browserVersion
            self.os = os
            self.kind = kind
        }
    }

    /// Where the client is, as the application told it.
    package struct LocationJSON: Codable, Sendable, Equatable {
        /// ISO 3166-1 alpha-2.
        package var country: String?
        package var region: String?
        package var city: String?
        package var isp: String?

        package init(
            country: String? = nil,
            region: String? = nil,
            city: String? = nil,
            isp: String? = nil
        ) {
            self.country = country
            self.region = region
            self.city = city
            self.isp = isp
        }

        package init(from decoder: any Decoder) throws {
            try decoder.refuseMembers(beyond: ["country", "region", "city", "isp"])
            let members = try decoder.container(keyedBy: CodingKeys.self)
            self.country = try members.decodeIfPresent(String.self, forKey: .country)
            self.region = try members.decodeIfPresent(String.self, forKey: .region)
            self.city = try members.decodeIfPresent(String.self, forKey: .city)
            self.isp = try members.decodeIfPresent(String.self, forKey: .isp)
        }
    }

    package var id: String
    package var userId: String
    package var organization: String?
    package var roles: [String]
    package var factors: [String]
    package var displayName: String?
    package var email: String?
    package var sessionName: String?
    package var loginMethod: String?
    package var ip: String?
    package var userAgent: String?
    /// Parsed from `userAgent`; left out without one.
    package var device: DeviceJSON?
    package var location: LocationJSON?
    package var createdAt: WireTime
    package var authenticatedAt: WireTime
    package var lastActivity: WireTime?
    package var idleDeadline: WireTime?
    package var absoluteDeadline: WireTime
    /// Seconds from the login to the last activity or the end.
    package var duration: Int?
    /// `active`, or how it ended.
    package var status: String
    /// The last three only of an ended session: when, by whom and why it ended.
    package var endedAt: WireTime?
    package var endedBy: String?
    package var endReason: String?
    /// The masked token: an ellipsis and its last 8 characters.
    package var token: String?
    /// Whether it is the session that the caller asked with.
    package var current: Bool?
    /// When the token asked with is due for rotation, where an interval is set.
    package var rotateAt: WireTime?

    /// The part that every call knows; the rest is set afterwards.
    package init(
        id: String,
        userId: String,
        organization: String?,
        roles: [String],
        factors: [String],
        createdAt: WireTime,
        authenticatedAt: WireTime,
        absoluteDeadline: WireTime,
        status: String = "active"
    ) {
        self.id = id
        self.userId = userId
        self.organization = organization
        self.roles = roles
        self.factors = factors
        self.createdAt = createdAt
        self.authenticatedAt = authenticatedAt
        self.absoluteDeadline = absoluteDeadline
        self.status = status
    }
}

/// A page of sessions.
package struct SessionPageJSON: Codable, Sendable, Equatable {
    package var sessions: [SessionJSON]
    /// How many there are in all; left out where that is not known without looking at them.
    package var total: Int?
    package var offset: Int
    package var limit: Int
    /// The `cursor` of the next page; left out at the end. That page may turn out to be empty.
    package var nextCursor: String?
    /// The page was given before it was full, because enough sessions had been looked at: go on with `nextCursor`. Of a
    /// list sorted by another column than `created`: there are more sessions than were looked at.
    package var partial: Bool

    package init(
        sessions: [SessionJSON],
        total: Int?,
        offset: Int,
        limit: Int,
        nextCursor: String? = nil,
        partial: Bool = false
    ) {
        self.sessions = sessions
        self.total = total
        self.offset = offset
        self.limit = limit
        self.nextCursor = nextCursor
        self.partial = partial
    }
}

/// The acknowledgement of a revocation: from now on no node accepts what was ended.
package struct ReceiptJSON: Codable, Sendable, Equatable {
    /// Sessions ended by the call.
    package var ended: Int
    /// Gateway nodes that could have had a copy.
    package var nodes: Int
    /// Nodes that said that they have applied it.
    package var applied: Int
    /// Silent nodes that were waited for until their lease was over.
    package var lapsed: Int
    /// From the command to the last node, in milliseconds.
    package var ms: Double
    /// What the caller should know of it, such as that their own session has ended.
    package var warning: String?

    package init(ended: Int, nodes: Int, applied: Int, lapsed: Int, ms: Double) {
        self.ended = ended
        self.nodes = nodes
        self.applied = applied
        self.lapsed = lapsed
        self.ms = ms
    }
}

/// A gateway node as the others see it.
package struct NodeJSON: Codable, Sendable, Equatable {
    package var id: String
    package var name: String
    package var version: String
    package var startedAt: WireTime
    /// How long the node's lease still runs, in milliseconds.
    package var leaseMs: Int
    package var live: Bool
    /// Whether it is the node that answers.
    package var current: Bool

    package init(
        id: String,
        name: String,
        version: String,
        startedAt: WireTime,
        leaseMs: Int,
        live: Bool,
        current: Bool
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.startedAt = startedAt
        self.leaseMs = leaseMs
        self.live = live
        self.current = current
    }
}

/// All known nodes.
package struct NodesJSON: Codable, Sendable, Equatable {
    package var nodes: [NodeJSON]

    package init(nodes: [NodeJSON]) { self.nodes = nodes }
}
