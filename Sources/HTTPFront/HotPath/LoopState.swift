import GatewayAPI
import NIOConcurrencyHelpers
import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the connections of one event loop share: the date, made once a second, the tick that their time limits
/// are counted in, and the counters of the hot path. Confined to the loop.
final class LoopState {
    /// The 29 bytes of a `Date` header's value.
    private(set) var date: [UInt8] {
        didSet { self.acceptedHead = CheckAnswers.head(date: self.date) }
    }
    /// What a 204 of this second begins with.
    private(set) var acceptedHead: [UInt8]
    /// Seconds counted by this loop.
    private(set) var tick = 0
    let counters: CheckCounters

    private let eventLoop: any EventLoop
    private var connections: [ObjectIdentifier: CheckHandler] = [:]
    private var timer: Scheduled<Void>?

    init(eventLoop: any EventLoop, counters: CheckCounters) {
        self.eventLoop = eventLoop
        self.counters = counters
        self.date = Self.presentDate()
        self.acceptedHead = CheckAnswers.head(date: self.date)
    }

    /// A connection was made. The first one starts the clock.
    func add(_ handler: CheckHandler) {
        self.connections[ObjectIdentifier(handler)] = handler
        self.counters.connections.set(self.connections.count)
        guard self.timer == nil else { return }
        self.date = Self.presentDate()
        self.schedule()
    }

    /// A connection is gone. The last one stops the clock.
    func remove(_ handler: CheckHandler) {
        self.connections[ObjectIdentifier(handler)] = nil
        self.counters.connections.set(self.connections.count)
        guard self.connections.isEmpty else { return }
        self.timer?.cancel()
        self.timer = nil
    }

    private func schedule() {
        self.timer = self.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { self.second() }
    }

    private func second() {
        self.schedule()
        self.tick += 1
        self.date = Self.presentDate()
        // A copy: closing takes connections out of the dictionary.
        for handler in Array(self.connections.values) { handler.examine(at: self.tick) }
    }

    private static func presentDate() -> [UInt8] {
        Array(CivilTime(unixMilliseconds: Int64(time(nil)) * 1000).httpDate.utf8)
    }
}

/// One number that a single event loop counts up and any thread reads.
struct LoopCounter: ~Copyable, Sendable {
    private let value = Atomic<Int>(0)

    /// Adds one. A load and a store are enough, because nobody else writes; they cost no locked instruction.
    func increment() { self.value.store(self.value.load(ordering: .relaxed) &+ 1, ordering: .relaxed) }

    /// Puts in a level.
    func set(_ level: Int) { self.value.store(level, ordering: .relaxed) }

    var present: Int { self.value.load(ordering: .relaxed) }
}

/// The hot path's counters of one event loop.
final class CheckCounters: Sendable {
    let accepted = LoopCounter()
    let refused = LoopCounter()
    let unavailable = LoopCounter()
    /// Buffers that went on to the HTTP decoder.
    let passed = LoopCounter()
    let connections = LoopCounter()
}

/// The ``LoopState`` of every event loop that has connections.
package final class LoopStates: Sendable {
    private let states = NIOLockedValueBox<[ObjectIdentifier: (NIOLoopBound<LoopState>, CheckCounters)]>([:])

    package init() {}

    /// The state of a loop, made when first asked for. Call on that loop.
    func state(on eventLoop: any EventLoop) -> LoopState {
        self.states.withLockedValue { states in
            if let known = states[ObjectIdentifier(eventLoop)] { return known.0 }
            let counters = CheckCounters()
            let state = LoopState(eventLoop: eventLoop, counters: counters)
            let bound = NIOLoopBound(state, eventLoop: eventLoop)
            states[ObjectIdentifier(eventLoop)] = (bound, counters)
            return bound
        }.value
    }

    /// Sums over all loops.
    struct Totals: Sendable, Equatable {
        var accepted = 0
        var refused = 0
        var unavailable = 0
        var passed = 0
        var connections = 0
    }

    /// What all loops have counted.
    var totals: Totals {
        let counters = self.states.withLockedValue { $0.values.map(\.1) }
        return counters.reduce(into: Totals()) { totals, counters in
            totals.accepted += counters.accepted.present
            totals.refused += counters.refused.present
            totals.unavailable += counters.unavailable.present
            totals.passed += counters.passed.present
            totals.connections += counters.connections.present
        }
    }
}
