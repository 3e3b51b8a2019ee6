import NIOCore
import TestSupport
import Testing

@testable import RedisClient

private func time(_ milliseconds: Int64) -> NIODeadline {
    .uptimeNanoseconds(1_000_000_000_000) + .milliseconds(milliseconds)
}

@Suite("Reconnecting")
struct LinkMachineTests {
    private func machine(seed: UInt64 = 1) -> LinkMachine<SeededGenerator> {
        LinkMachine(
            backoff: Backoff(base: .milliseconds(10), limit: .milliseconds(250)),
            generator: SeededGenerator(seed: seed)
        )
    }

    @Test("The pauses double, are jittered, and have a bound", arguments: 0..<50 as Range<UInt64>)
    func pauses(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var backoff = Backoff(base: .milliseconds(10), limit: .milliseconds(250))
        for bound in [10, 20, 40, 80, 160, 250, 250, 250] {
            let pause = backoff.next(using: &generator)
            #expect(pause >= .milliseconds(bound) / 2 && pause <= .milliseconds(bound))
        }
        for _ in 0..<100 { #expect(backoff.next(using: &generator) <= .milliseconds(250)) }
        backoff.reset()
        #expect(backoff.next(using: &generator) <= .milliseconds(10))
    }

    @Test("Clients do not come back in step")
    func jitter() {
        let pauses = (0..<20 as Range<UInt64>).map { seed in
            var generator = SeededGenerator(seed: seed)
            var backoff = Backoff(base: .milliseconds(250), limit: .milliseconds(250))
            return backoff.next(using: &generator)
        }
        #expect(Set(pauses).count > 15)
    }

    @Test("It connects, comes back after a loss, and stops")
    func life() {
        var machine = machine()
        #expect(machine.start() == .connect(attempt: 1))
        #expect(machine.start() == .none)
        #expect(machine.up(attempt: 1, now: time(0)) == true)
        guard case .wait(_, attempt: 1) = machine.lost(attempt: 1, now: time(5)) else {
            Issue.record("does not wait")
            return
        }
        #expect(machine.timerFired(attempt: 1) == .connect(attempt: 2))
        #expect(machine.stop() == .close)
        #expect(machine.lost(attempt: 2, now: time(9)) == .none)
        #expect(machine.timerFired(attempt: 2) == .none)
        #expect(machine.stop() == .none)
    }

    @Test("News of an old attempt changes nothing")
    func oldNews() {
        var machine = machine()
        _ = machine.start()
        _ = machine.lost(attempt: 1, now: time(0))
        #expect(machine.lost(attempt: 1, now: time(0)) == .none)
        #expect(machine.up(attempt: 1, now: time(0)) == false)
        #expect(machine.timerFired(attempt: 1) == .connect(attempt: 2))
        #expect(machine.timerFired(attempt: 1) == .none)
        #expect(machine.lost(attempt: 1, now: time(0)) == .none)
        #expect(machine.up(attempt: 1, now: time(0)) == false)
        #expect(!machine.isCurrent(1) && machine.isCurrent(2))
        #expect(machine.up(attempt: 2, now: time(0)) == true)
    }

    @Test("Only a connection that has lasted makes the pauses short again")
    func proven() {
        var machine = machine()
        _ = machine.start()
        var pauses: [Duration] = []
        for attempt in 1...8 {
            #expect(machine.up(attempt: attempt, now: time(Int64(attempt))) == true)
            if case .wait(let pause, _) = machine.lost(attempt: attempt, now: time(Int64(attempt) + 1)) {
                pauses.append(pause)
            }
            _ = machine.timerFired(attempt: attempt)
        }
        #expect(pauses.last.map { $0 >= .milliseconds(125) } == true)
        #expect(machine.up(attempt: 9, now: time(0)) == true)
        guard case .wait(let pause, _) = machine.lost(attempt: 9, now: time(2000)) else {
            Issue.record("does not wait")
            return
        }
        #expect(pause <= .milliseconds(10))
    }
}

@Suite("The handshake")
struct HandshakeTests {
    @Test("The commands are those that the configuration asks for")
    func commands() {
        var configuration = RedisConfiguration(
            endpoint: .unix("/s"),
            username: "u",
            password: "p",
            database: 2,
            clientName: "n"
        )
        #expect(
            Handshake(configuration).commands(configuration).map(\.name)
                == ["AUTH", "CLIENT", "SELECT", "PING", "INFO", "INFO"]
        )
        #expect(Handshake(configuration).isAuthenticating)
        configuration = RedisConfiguration(endpoint: .unix("/s"))
        #expect(Handshake(configuration).commands(configuration).map(\.name) == ["PING", "INFO", "INFO"])
        #expect(!Handshake(configuration).isAuthenticating)
    }

    @Test("A connection whose name was refused is good")
    func nameRefused() {
        let configuration = RedisConfiguration(endpoint: .unix("/s"), clientName: "n")
        var handshake = Handshake(configuration)
        #expect(handshake.received(.error(RedisError(reply: "NOPERM no"))) == .pending)
    }

    @Test(
        "A server that cannot serve is refused",
        arguments: ["LOADING x", "BUSY x", "MASTERDOWN x", "NOAUTH x", "NOPERM x"]
    )
    func unfit(reply: String) {
        var handshake = Handshake(RedisConfiguration(endpoint: .unix("/s")))
        #expect(handshake.received(.error(RedisError(reply: reply))) == .failed(RedisError(reply: reply)))
    }

    @Test("A replica is refused unless any role will do")
    func role() {
        var configuration = RedisConfiguration(endpoint: .unix("/s"))
        func last() -> Handshake.Progress {
            var handshake = Handshake(configuration)
            _ = handshake.received(.simple("PONG"))
            _ = handshake.received(.simple("run_id:a\n"))
            return handshake.received(.simple("role:slave\nmaster_replid:b\n"))
        }
        guard case .failed = last() else {
            Issue.record("taken")
            return
        }
        configuration.requiredRole = nil
        guard case .identified = last() else {
            Issue.record("refused")
            return
        }
    }
}
