import GatewayAPI
import SessionCore
import SessionGateway

extension Timestamp {
    /// The time as the API writes it.
    var wire: WireTime { WireTime(milliseconds: self.milliseconds) }
}

extension SessionJSON {
    /// A session as a check or a login knows it.
    init(_ session: LiveSession) {
        self.init(
            id: session.id.description,
            userId: session.user.text,
            organization: session.organization,
            roles: session.roles,
            factors: session.factors,
            createdAt: session.createdAt.wire,
            authenticatedAt: session.authenticatedAt.wire,
            absoluteDeadline: session.absoluteDeadline.wire
        )
    }

    /// A session as lists show it.
    /// - Parameter current: the session that the caller asked with, if it is to be marked.
    init(_ overview: SessionOverview, current: SessionID?? = .none) {
        let session = overview.session
        self.init(session)
        self.show(overview.details)
        self.lastActivity = overview.lastActivity.wire
        self.idleDeadline = overview.idleDeadline.wire
        let until = overview.end?.endedAt ?? overview.lastActivity
        self.duration = Int(max(.zero, until - session.createdAt).components.seconds)
        if let end = overview.end {
            self.status = end.ending.kind.rawValue
            self.endedAt = end.endedAt.wire
            self.endedBy = end.ending.actor
            self.endReason = end.ending.reason
        }
        if case .some(let current) = current { self.current = session.id == current }
    }

    /// Puts in what people look at.
    mutating func show(_ details: SessionDetails) {
        self.displayName = details.displayName
        self.email = details.email
        self.sessionName = details.sessionName
        self.loginMethod = details.loginMethod
        self.ip = details.ipAddress
        self.userAgent = details.userAgent
        self.device = details.device.map {
            DeviceJSON(
                browser: $0.browser,
                browserVersion: $0.browserVersion,
                os: $0.os,
                kind: $0.kind.rawValue
            )
        }
        self.location = details.location.flatMap { $0.isEmpty ? nil : $0 }.map {
            LocationJSON(country: $0.country, region: $0.region, city: $0.city, isp: $0.isp)
        }
        self.token = details.tokenSuffix.map { "…" + $0 }
    }
}

extension SessionLocation {
    /// Where an application says that a client is.
    init(_ json: SessionJSON.LocationJSON) {
        self.init()
        self.country = json.country
        self.region = json.region
        self.city = json.city
        self.isp = json.isp
    }
}

extension RotatedSessionJSON {
    /// The answer where the token is not due for rotation.
    init(notDue session: LiveSession) {
        self.init(token: nil, session: SessionJSON(session), repeated: false, rotated: false)
    }
}

extension ReceiptJSON {
    /// A receipt on the wire, its milliseconds to the microsecond.
    init(_ receipt: RevocationReceipt) {
        self.init(
            ended: receipt.ended,
            nodes: receipt.nodes,
            applied: receipt.applied,
            lapsed: receipt.lapsed,
            ms: (receipt.milliseconds * 1000).rounded() / 1000
        )
    }
}

extension NodeJSON {
    /// A node on the wire.
    init(_ node: NodeStatus) {
        self.init(
            id: node.id.description,
            name: node.name,
            version: node.version,
            startedAt: node.startedAt.wire,
            leaseMs: Int(max(.zero, node.leaseRemaining).inMilliseconds),
            live: node.isLive,
            current: node.isSelf
        )
    }
}
