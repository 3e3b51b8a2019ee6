import NIOCore

/// Keeps one connection alive: connects, and after a loss connects again after a pause, until stopped.
///
/// ```
/// idle ─start→ connecting ─up→ up
///                  ↑   └lost┐   │lost
///                  └─timer─ waiting          stop: from any state → stopped
/// ```
/// Every attempt has a number. News of an attempt that is over (a socket that opens after its timeout, a loss that
/// is reported twice) carries an old number and changes nothing.
struct LinkMachine<Generator: RandomNumberGenerator> {
    private enum State {
        case idle
        case connecting
        case up(since: NIODeadline)
        case waiting
        case stopped
    }

    /// What to do next.
    enum Action: Equatable {
        case none
        case connect(attempt: Int)
        /// Call ``timerFired(attempt:)`` after the pause.
        case wait(Duration, attempt: Int)
        /// Close what this attempt opened.
        case close
    }

    private var state: State = .idle
    private var attempt = 0
    private var backoff: Backoff
    private var generator: Generator
    /// A server that takes connections and drops them at once is not to be called every ten milliseconds for ever.
    private let provenAfter: TimeAmount = .seconds(1)

    init(backoff: Backoff, generator: Generator) {
        self.backoff = backoff
        self.generator = generator
    }

    var isStopped: Bool { if case .stopped = state { true } else { false } }

    /// Whether news of this attempt still matters.
    func isCurrent(_ number: Int) -> Bool {
        switch state {
        case .connecting, .up, .waiting: number == attempt
        case .idle, .stopped: false
        }
    }

    mutating func start() -> Action {
        guard case .idle = state else { return .none }
        return connect()
    }

    /// The connection of this attempt is usable. False when the attempt is over.
    mutating func up(attempt number: Int, now: NIODeadline) -> Bool {
        guard case .connecting = state, number == attempt else { return false }
        state = .up(since: now)
        return true
    }

    /// The attempt failed, or its connection was lost.
    mutating func lost(attempt number: Int, now: NIODeadline) -> Action {
        guard number == attempt else { return .none }
        switch state {
        case .connecting: break
        case .up(let since):
            if now - since >= provenAfter { backoff.reset() }
        case .idle, .waiting, .stopped: return .none
        }
        state = .waiting
        return .wait(backoff.next(using: &generator), attempt: attempt)
    }

    mutating func timerFired(attempt number: Int) -> Action {
        guard case .waiting = state, number == attempt else { return .none }
        return connect()
    }

    mutating func stop() -> Action {
        defer { state = .stopped }
        switch state {
        case .connecting, .up: return .close
        case .idle, .waiting, .stopped: return .none
        }
    }

    private mutating func connect() -> Action {
        attempt += 1
        state = .connecting
        return .connect(attempt: attempt)
    }
}
