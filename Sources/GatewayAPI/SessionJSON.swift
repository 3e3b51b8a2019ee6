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
