public import Logging
public import NIOCore
public import NIOPosix
import RedisClient
public import ServiceLifecycle
public import SessionCore
import SessionStore
import Synchronization

/// A gateway node: checks tokens, creates, rotates, lists and ends sessions, and keeps its near-cache honest.
///
/// Create one a process, run it (as a service, or with ``run()`` in a task), and call it from anywhere. A check
/// of a session seen lately costs no I/O; the others one command. A revocation that has returned is true on
/// every node.
///
/// The files: `Check/` is the check path, `Coherence/` keeps copies honest and waits for receipts, `Lifecycle/`
/// creates, changes, lists and ends sessions and runs the node, `Log/` writes and reads the audit log, `Events/` tells
/// listeners of what has happened.
public final class SessionGateway: Sendable, Service {
    let configuration: GatewayConfiguration
    let node: NodeID
    let startedAt: Timestamp
    let logger: Logger
    let redis: RedisClient
    let redisConfiguration: RedisConfiguration
    let eventLoopGroup: any EventLoopGroup
    let store: RedisSessionStore
    let cache: NearCacheShards
    let clock: CheckClock
    let coherence: CoherenceDriver
    let receipts: ReceiptCoordinator
    let settingsCache: SettingsCache
    let touches: TouchQueue
    let activity: ActivityQueue
    let refusals: DeniedCheckCounters
    let outage: OutageGrace
    let inspector: TokenInspector
    let counters = LifecycleCounters()
    let redisChecks: [ObjectIdentifier: RedisCheck]
    let replay: JournalReplay
    let reuse: ReusedTokenQueue
    let relay: AuditRelay
    let refusedAttempts: RefusedAttemptQueue
    let background: BackgroundTasks
    let feed: EventFeed

    /// - Parameters:
    ///   - configuration: as ``GatewayConfiguration/validate()`` allows.
    ///   - eventLoopGroup: where the connections to Redis live; one is held on each of its loops.
    ///   - logger: for what an operator should know. Tokens are never logged.
    ///   - render: makes the answer that a front keeps ready with each near-cached session.
    /// - Throws: ``InputError`` when the configuration is out of range or the URL no Redis.
    public init(
        configuration: GatewayConfiguration,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger,
        render: @escaping @Sendable (LiveSession) -> [UInt8] = { _ in [] }
    ) throws {
        try configuration.validate()
        var redisConfiguration = try RedisConfiguration.parse(url: configuration.redisURL)
        redisConfiguration.commandTimeout = configuration.commandTimeout
        let node = NodeID()
        redisConfiguration.clientName = "portcullis-\(node)"
        let replay = JournalReplay(logger: logger)
        let redis = RedisClient(
            configuration: redisConfiguration,
            eventLoopGroup: eventLoopGroup,
            logger: logger,
            admission: { identity, connection in try await replay.admit(identity, over: connection) }
        )
        let keys = Keys(prefix: configuration.keyPrefix, database: redisConfiguration.database)
        let store = RedisSessionStore(
            client: redis,
            keys: keys,
            retention: configuration.policy.retention,
            eventsPerPartition: configuration.eventsPerPartition,
            logger: logger
        )
        let cache = NearCacheShards(capacity: configuration.nearCacheCapacity)
        let clock = CheckClock()
        let controlLoop = eventLoopGroup.next()
        let receipts = ReceiptCoordinator(eventLoop: controlLoop)
        let settingsCache = SettingsCache(defaults: configuration.policy)
        let coherence = CoherenceDriver(
            node: node,
            lease: configuration.lease,
            cache: cache,
            clock: clock,
            receipts: receipts,
            settings: settingsCache,
            logger: logger,
            acknowledge: { revoker, number in
                // On the subscription's loop, right where the message was applied: no hop before the answer.
                redis.connection(on: controlLoop)?
                    .send(store.acknowledgement(to: revoker, number: number, from: node)) { _ in }
            }
        )
        replay.attach(coherence: coherence, store: store)
        let touches = TouchQueue(store: store, cache: cache, clock: clock)
        let refusals = DeniedCheckCounters()
        // A strict node has promised to ask Redis; what it remembers is no answer, not even then.
        let grace = configuration.isStrict ? .zero : configuration.outageGrace
        let outage = OutageGrace(grace: grace, cache: cache, clock: clock)
        let reuse = ReusedTokenQueue()
        let context = RedisCheck.Context(
            redis: redis,
            store: store,
            cache: cache,
            clock: clock,
            coherence: coherence,
            refusals: refusals,
            outage: outage,
            isStrict: configuration.isStrict,
            render: render,
            endReused: { reuse.report($0) }
        )
        var redisChecks: [ObjectIdentifier: RedisCheck] = [:]
        for eventLoop in eventLoopGroup.makeIterator() {
            redisChecks[ObjectIdentifier(eventLoop)] = RedisCheck(eventLoop: eventLoop, context: context)
        }
        self.configuration = configuration
        self.node = node
        self.startedAt = WallClock.now()
        self.logger = logger
        self.redis = redis
        self.redisConfiguration = redisConfiguration
        self.eventLoopGroup = eventLoopGroup
        self.store = store
        self.cache = cache
        self.clock = clock
        self.coherence = coherence
        self.receipts = receipts
        self.settingsCache = settingsCache
        self.touches = touches
        self.activity = ActivityQueue(store: store, clock: clock, keeping: configuration.activityEntries)
        self.refusals = refusals
        self.outage = outage
        self.redisChecks = redisChecks
        self.replay = replay
        self.reuse = reuse
        self.relay = AuditRelay(
            store: store,
            node: node,
            limits: AuditLimits(retention: configuration.auditRetention, entries: configuration.auditEntries),
            logger: logger
        )
        self.refusedAttempts = RefusedAttemptQueue(store: store, logger: logger)
        self.background = BackgroundTasks()
        self.feed = EventFeed(store: store)
        self.inspector = TokenInspector(
            keys: configuration.tokenKeys,
            cache: cache,
            clock: clock,
            touches: touches,
            isStrict: configuration.isStrict,
            refusals: refusals
        )
        self.controlLoop = controlLoop
    }

    let controlLoop: any EventLoop
}
