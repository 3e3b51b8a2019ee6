public import SessionCore

/// Everything a gateway is told when it starts.
public struct GatewayConfiguration: Sendable {
    /// `redis://`, `rediss://` or `unix://`; user, password and database as in the URL.
    public var redisURL: String
    /// Signs and verifies tokens. All nodes of an installation share it.
    public var tokenKeys: TokenKeyRing
    /// First part of every key. All nodes of an installation share it.
    public var keyPrefix = "pc"
    /// Timeouts and limits for new sessions.
    public var policy = SessionPolicy()
    /// Length of the near-cache's lease: the longest that a revocation waits for a silent node.
    public var lease = Lease.Configuration()
    /// Every check asks Redis; the near-cache is never used.
    public var isStrict = false
    /// Most sessions in the near-cache. 1 to 100,000,000.
    public var nearCacheCapacity = 200_000
    /// How long a command may take before it is given up. 20 ms to 10 s.
    public var commandTimeout: Duration = .milliseconds(400)
    /// How long sessions in the near-cache are still accepted when this node cannot reach Redis. It trades the
    /// bound on revocation for availability: 0 is never.
    public var outageGrace: Duration = .zero
    /// What the list of nodes shows: host and port, or another name.
    public var nodeName = ""
    /// Most events that each of the event streams keeps until they are in the audit log.
    public var eventsPerPartition = 10_000
    /// How many entries the timeline of a session keeps. 0 to 1,000; 0 is off.
    public var activityEntries = 200
    /// Most listeners to the stream of events at a time. 0 to 100,000.
    public var eventListeners = 1000
    /// How often expired sessions are tidied up.
    public var janitorInterval: Duration = .seconds(10)
    /// How long the audit log keeps an entry. 60 s to 4,000 days.
    public var auditRetention: Duration = .seconds(90 * 86_400)
    /// About how many entries the audit log keeps at most. 1,000 to 100,000,000.
    public var auditEntries = 1_000_000

    /// 1 to 32 bytes.
    public static let keyPrefixBytes = 1...32
    /// 50 ms to 60 s.
    public static let leaseRange: ClosedRange<Duration> = .milliseconds(50) ... .seconds(60)
    /// 1 to 100,000,000 sessions.
    public static let nearCacheCapacityRange = 1...100_000_000
    /// 20 ms to 10 s.
    public static let commandTimeoutRange: ClosedRange<Duration> = .milliseconds(20) ... .seconds(10)
    /// 0 to an hour.
    public static let outageGraceRange: ClosedRange<Duration> = .zero ... .seconds(3600)
    /// 0 to 1,000 entries.
    public static let activityEntriesRange = 0...1000
    /// 0 to 100,000 listeners.
    public static let eventListenersRange = 0...100_000
    /// A minute to 4,000 days.
    public static let auditRetentionRange: ClosedRange<Duration> = .seconds(60) ... .seconds(4000 * 86_400)
    /// 1,000 to 100,000,000 entries.
    public static let auditEntriesRange = 1000...100_000_000

    /// The length of the lease; its margin follows.
    package var leaseLength: Duration {
        get { self.lease.length }
        set { self.lease = Lease.Configuration(length: newValue) }
    }

    /// The defaults, for what is told later where Redis is and what signs tokens.
    package static func template() -> GatewayConfiguration {
        GatewayConfiguration(redisURL: "", tokenKeys: .ofThisProcess())
    }

    /// - Parameters:
    ///   - redisURL: where Redis is.
    ///   - tokenKeys: the keys for tokens.
    public init(redisURL: String, tokenKeys: TokenKeyRing) {
        self.redisURL = redisURL
        self.tokenKeys = tokenKeys
    }

    /// - Throws: ``InputError`` with the name of a value that is out of its range.
    public func validate() throws(InputError) {
        try self.policy.validate()
        func check<Value>(_ name: String, _ value: Value, _ range: ClosedRange<Value>) throws(InputError) {
            guard range.contains(value) else {
                throw InputError(field: name, reason: "must be \(range.lowerBound) to \(range.upperBound)")
            }
        }
        try check("lease", self.lease.length, Self.leaseRange)
        try check("nearCacheCapacity", self.nearCacheCapacity, Self.nearCacheCapacityRange)
        try check("commandTimeout", self.commandTimeout, Self.commandTimeoutRange)
        try check("outageGrace", self.outageGrace, Self.outageGraceRange)
        try check("activityEntries", self.activityEntries, Self.activityEntriesRange)
        try check("eventListeners", self.eventListeners, Self.eventListenersRange)
        try check("auditRetention", self.auditRetention, Self.auditRetentionRange)
        try check("auditEntries", self.auditEntries, Self.auditEntriesRange)
        _ = try InputRules.text(self.keyPrefix, field: "keyPrefix", bytes: Self.keyPrefixBytes)
        guard !self.keyPrefix.contains(where: { "{}:*?[] ".contains($0) }) else {
            throw InputError(
                field: "keyPrefix",
                reason: "must not contain braces, colons, blanks or wildcards"
            )
        }
    }
}
