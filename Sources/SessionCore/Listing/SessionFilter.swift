/// What a session is: active, or ended in one of the ways of ``EndKind``.
public enum SessionStatus: Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case active
    case ended(EndKind)

    public static let allCases: [SessionStatus] = [.active] + EndKind.allCases.map { .ended($0) }

    /// Reads `active` or the name of an ``EndKind``.
    public init?(_ name: some StringProtocol) {
        if name == "active" {
            self = .active
        } else if let kind = EndKind(rawValue: String(name)) {
            self = .ended(kind)
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .active: "active"
        case .ended(let kind): kind.rawValue
        }
    }
}

/// Which sessions are meant, for lists and for ending many. All conditions must hold; what is `nil` does not count.
public struct SessionFilter: Sendable, Equatable {
    /// Whose sessions.
    public var user: UserID?
    /// Of this organization, compared as bytes.
    public var organization: String?
    /// With an address in this block. A session whose address cannot be read is in none.
    public var network: IPNetwork?
    /// Created at this time or later.
    public var since: Timestamp?
    /// Created before this time.
    public var until: Timestamp?
    /// Logged in by this method, compared as bytes.
    public var loginMethod: String?
    /// With a client in this country, two capital letters by ISO 3166-1.
    public var country: String?
    /// Somewhere in user id, display name, e-mail, address, session name, user agent, country, city or ISP.
    public var search: SearchText?
    /// On this kind of machine, as far as the user agent tells.
    public var device: Device.Kind?
    /// With this browser, as ``Device`` names it; case does not count.
    public var browser: String?
    /// On this system, as ``Device`` names it; case does not count.
    public var os: String?
    /// Any of these.
    public var statuses: Set<SessionStatus> = [.active]

    /// All active sessions.
    public init() {}

    /// Every status there is.
    public static let everyStatus = Set(SessionStatus.allCases)

    /// Whether it says nothing but which statuses.
    public var isUnconditional: Bool {
        self.user == nil && self.since == nil && self.until == nil && !self.looksAtDetails
    }

    /// Whether more has to be known of a session than whose it is, when it was created and its status.
    package var looksAtDetails: Bool {
        self.organization != nil || self.network != nil || self.loginMethod != nil || self.search != nil
            || self.country != nil || self.looksAtDevice
    }

    /// Whether the user agent has to be parsed.
    private var looksAtDevice: Bool { self.device != nil || self.browser != nil || self.os != nil }

    /// Whether active sessions can match.
    package var includesActive: Bool { self.statuses.contains(.active) }

    /// Whether ended sessions can match.
    package var includesEnded: Bool { self.statuses.contains { $0 != .active } }

    /// Whether a session is meant.
    public func matches(_ overview: SessionOverview) -> Bool {
        let session = overview.session
        let details = overview.details
        guard self.statuses.contains(overview.status) else { return false }
        if let user, session.user != user { return false }
        if let organization {
            guard let own = session.organization, own.utf8.elementsEqual(organization.utf8) else {
                return false
            }
        }
        if let since, session.createdAt < since { return false }
        if let until, session.createdAt >= until { return false }
        if let loginMethod {
            guard let own = details.loginMethod, own.utf8.elementsEqual(loginMethod.utf8) else {
                return false
            }
        }
        if let network {
            guard let own = details.ipAddress.flatMap({ IPAddress(withPort: $0) }), network.contains(own)
            else {
                return false
            }
        }
        if let country, details.location?.country != country { return false }
        if self.looksAtDevice {
            guard let own = details.device, self.matches(own) else { return false }
        }
        guard let search else { return true }
        let texts: [String?] = [
            session.user.text, details.displayName, details.email, details.ipAddress, details.sessionName,
            details.userAgent, details.location?.country, details.location?.city, details.location?.isp,
        ]
        return texts.contains { $0.map { search.isFound(in: $0) } ?? false }
    }

    private func matches(_ own: Device) -> Bool {
        if let device, own.kind != device { return false }
        if let browser, own.browser?.lowercased() != browser.lowercased() { return false }
        if let os, own.os?.lowercased() != os.lowercased() { return false }
        return true
    }
}

extension SessionOverview {
    /// Whether it is active, or how it ended.
    public var status: SessionStatus { self.end.map { .ended($0.ending.kind) } ?? .active }
}
