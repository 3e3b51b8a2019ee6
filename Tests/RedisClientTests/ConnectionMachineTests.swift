import NIOCore
import TestSupport
import Testing

@testable import RedisClient

/// A machine whose completions are numbers.
private typealias Machine = ConnectionMachine<Int>

private func time(_ milliseconds: Int64) -> NIODeadline {
    .uptimeNanoseconds(1_000_000_000_000) + .milliseconds(milliseconds)
}

private let plain = RedisConfiguration(endpoint: .unix("/none"))

private func identify(_ machine: inout Machine) {
    for text in ["PONG", "run_id:a\r\nredis_version:7\r\n"] { _ = machine.received(.simple(text)) }
    guard case .identified = machine.received(.simple("role:master\r\nmaster_replid:b\r\n")) else {
        Issue.record("not identified")
        return
    }
}

private func ready(maxPending: Int = 100, silence: TimeAmount = .milliseconds(800)) -> Machine {
    var machine = Machine(maxPendingReplies: maxPending, silenceLimit: silence, now: time(0))
    #expect(machine.connected(Handshake(plain), now: time(0)) == true)
    identify(&machine)
    #expect(machine.admitted() == true)
    return machine
}

extension ConnectionMachine<Int>.Enqueued {
    fileprivate var id: UInt64? { if case .accepted(let id) = self { id } else { nil } }
    fileprivate var refusal: RedisError.Code? {
        if case .refused(let error) = self { error.code } else { nil }
    }
}

extension ConnectionMachine<Int>.ReplyAction {
    fileprivate var completed: Int? {
        if case .complete(let completion, _) = self { completion } else { nil }
    }
    fileprivate var closes: Bool { if case .close = self { true } else { false } }
}

@Suite("The rules of a connection")
struct ConnectionMachineTests {
    @Test("Replies go to the commands in order")
    func order() {
        var machine = ready()
        for number in 0..<3 {
            _ = machine.enqueue(number, replies: 1, now: time(0), timeout: .milliseconds(400))
        }
        for number in 0..<3 { #expect(machine.received(.integer(number)).completed == number) }
        #expect(machine.hasPending == false)
    }

    @Test("Several replies are one answer")
    func several() {
        var machine = ready()
        _ = machine.enqueue(1, replies: 3, now: time(0), timeout: .milliseconds(400))
        #expect(machine.received(.integer(1)).completed == nil)
        #expect(machine.received(.integer(2)).completed == nil)
        guard case .complete(1, .many(let values)) = machine.received(.integer(3)) else {
            Issue.record("no answer")
            return
        }
        #expect(values == [.integer(1), .integer(2), .integer(3)])
    }

    @Test("Nothing is taken before the gate and nothing after the end")
    func phases() {
        var machine = Machine(maxPendingReplies: 10, silenceLimit: .seconds(1), now: time(0))
        #expect(machine.enqueue(1, replies: 1, now: time(0), timeout: .seconds(1)).refusal == .unavailable)
        _ = machine.connected(Handshake(plain), now: time(0))
        #expect(machine.enqueue(1, replies: 1, now: time(0), timeout: .seconds(1)).refusal == .unavailable)
        identify(&machine)
        #expect(machine.enqueue(1, replies: 1, now: time(0), timeout: .seconds(1)).id != nil)
        #expect(machine.close().map(\.completion) == [1])
        #expect(machine.close().isEmpty)
        #expect(machine.admitted() == false)
        #expect(machine.enqueue(2, replies: 1, now: time(0), timeout: .seconds(1)).refusal == .unavailable)
        #expect(machine.received(.integer(1)).closes)
    }

    @Test("The queue has a bound, and abandoned slots count")
    func bound() {
        var machine = ready(maxPending: 3)
        let first = machine.enqueue(1, replies: 2, now: time(0), timeout: .seconds(1)).id ?? 99
        #expect(machine.enqueue(2, replies: 2, now: time(0), timeout: .seconds(1)).refusal == .overloaded)
        #expect(machine.enqueue(3, replies: 1, now: time(0), timeout: .seconds(1)).id != nil)
        #expect(machine.cancel(first) == 1)
        #expect(machine.enqueue(4, replies: 1, now: time(0), timeout: .seconds(1)).refusal == .overloaded)
        _ = machine.received(.integer(0))
        #expect(machine.enqueue(5, replies: 1, now: time(0), timeout: .seconds(1)).id != nil)
    }

    @Test("A deadline answers the caller and keeps the place")
    func deadline() {
        var machine = ready()
        _ = machine.enqueue(1, replies: 1, now: time(0), timeout: .milliseconds(400))
        _ = machine.enqueue(2, replies: 1, now: time(0), timeout: .milliseconds(100))
        _ = machine.enqueue(3, replies: 1, now: time(50), timeout: .milliseconds(400))
        #expect(machine.sweep(now: time(99)).expired.isEmpty)
        #expect(machine.sweep(now: time(100)).expired == [2])
        #expect(machine.sweep(now: time(100)).expired.isEmpty)
        #expect(machine.received(.integer(1)).completed == 1)
        #expect(machine.received(.integer(2)).completed == nil)
        #expect(machine.received(.integer(3)).completed == 3)
    }

    @Test("A cancelled command keeps its place, and is answered once")
    func cancellation() {
        var machine = ready()
        var ids: [UInt64] = []
        for number in 0..<3 {
            let enqueued = machine.enqueue(number, replies: 1, now: time(0), timeout: .milliseconds(400))
            ids.append(enqueued.id ?? 99)
        }
        #expect(machine.cancel(ids[1]) == 1)
        #expect(machine.cancel(ids[1]) == nil)
        #expect(machine.received(.integer(0)).completed == 0)
        #expect(machine.cancel(ids[0]) == nil)
        #expect(machine.received(.integer(1)).completed == nil)
        #expect(machine.received(.integer(2)).completed == 2)
        #expect(machine.cancel(99) == nil)
    }

    @Test("A peer that sends nothing while an abandoned slot waits is dead; one that sends is slow")
    func silence() {
        var machine = ready()
        _ = machine.enqueue(1, replies: 1, now: time(0), timeout: .milliseconds(400))
        #expect(!machine.sweep(now: time(400)).isSilent)
        machine.receivedBytes(now: time(500))
        #expect(!machine.sweep(now: time(1299)).isSilent)
        #expect(machine.sweep(now: time(1300)).isSilent)
    }

    @Test("At the end it is known which commands may have reached Redis")
    func written() {
        var machine = ready()
        _ = machine.enqueue(1, replies: 1, now: time(0), timeout: .seconds(1))
        machine.flushed()
        _ = machine.enqueue(2, replies: 1, now: time(0), timeout: .seconds(1))
        let pending = machine.close()
        #expect(pending.map(\.completion) == [1, 2])
        #expect(pending.map(\.written) == [true, false])
    }

    @Test("A reply that nobody asked for ends the connection")
    func unasked() {
        var machine = ready()
        #expect(machine.received(.integer(1)).closes)
    }

    @Test(
        "A master that has become a replica is left when the last reply is there",
        arguments: ["READONLY", "MASTERDOWN"]
    )
    func retiring(prefix: String) {
        var machine = ready()
        _ = machine.enqueue(1, replies: 1, now: time(0), timeout: .seconds(1))
        _ = machine.enqueue(2, replies: 1, now: time(0), timeout: .seconds(1))
        #expect(machine.received(.error(RedisError(reply: "\(prefix) x"))).completed == 1)
        #expect(machine.isRetiring == true)
        #expect(machine.hasPending == true)
        #expect(machine.enqueue(3, replies: 1, now: time(0), timeout: .seconds(1)).refusal == .unavailable)
        #expect(machine.received(.integer(2)).completed == 2)
        #expect(machine.hasPending == false)
    }

    @Test("Any history: every command is answered exactly once, and by its own reply")
    func anyHistory() {
        for seed in 0..<3_000 as Range<UInt64> {
            var history = History(seed: seed)
            #expect(history.run() == nil, "seed \(seed)")
        }
    }
}

/// A random history of one connection, with a model of a Redis that answers each command with its number.
private struct History: ~Copyable {
    private var generator: SeededGenerator
    private var machine: Machine
    private var now: Int64 = 0
    private var next = 0
    private var answered: [Int: Int] = [:]
    private var taken: [(number: Int, id: UInt64, replies: Int)] = []
    /// Replies on their way.
    private var wire: [Int] = []

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        machine = ready(maxPending: 20, silence: .seconds(3600))
    }

    /// What went wrong, if anything did.
    mutating func run() -> String? {
        for _ in 0..<200 {
            if let failure = step() { return failure }
        }
        for (completion, _) in machine.close() { answered[completion, default: 0] += 1 }
        for slot in taken where answered[slot.number] != 1 {
            return "\(slot.number) was answered \(answered[slot.number] ?? 0) times"
        }
        return nil
    }

    private mutating func step() -> String? {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<4:
            let replies = Int.random(in: 1...3, using: &generator)
            let timeout = TimeAmount.milliseconds(Int64.random(in: 1...100, using: &generator))
            if let id = machine.enqueue(next, replies: replies, now: time(now), timeout: timeout).id {
                taken.append((next, id, replies))
                wire += Array(repeating: next, count: replies)
            }
            next += 1
        case 4..<7:
            guard !wire.isEmpty else { return nil }
            let number = wire.removeFirst()
            switch machine.received(.integer(number)) {
            case .complete(let completion, let replies):
                let values: [RedisValue] =
                    switch replies {
                    case .one(let value): [value]
                    case .many(let values): values
                    }
                guard completion == number, values.allSatisfy({ $0 == .integer(number) }) else {
                    return "\(completion) got the replies \(values)"
                }
                answered[completion, default: 0] += 1
            case .none: break
            case .identified, .close: return "closed by an honest reply"
            }
        case 7:
            if let slot = taken.randomElement(using: &generator), let completion = machine.cancel(slot.id) {
                guard completion == slot.number else { return "cancelled \(completion) for \(slot.number)" }
                answered[completion, default: 0] += 1
            }
        case 8:
            now += Int64.random(in: 0...30, using: &generator)
            for completion in machine.sweep(now: time(now)).expired { answered[completion, default: 0] += 1 }
        default:
            machine.flushed()
        }
        return nil
    }
}
