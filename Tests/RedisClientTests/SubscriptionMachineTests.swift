import NIOCore
import Testing

@testable import RedisClient

private func time(_ milliseconds: Int64) -> NIODeadline {
    .uptimeNanoseconds(1_000_000_000_000) + .milliseconds(milliseconds)
}

private func push(_ parts: String...) -> RedisValue {
    .array(parts.map { .bulk(ByteBuffer(string: $0)) })
}

private func confirmation(_ channel: String, _ count: Int) -> RedisValue {
    .array([.bulk(ByteBuffer(string: "subscribe")), .bulk(ByteBuffer(string: channel)), .integer(count)])
}

@Suite("The rules of a subscription")
struct SubscriptionMachineTests {
    private func subscribing(_ channels: [String] = ["a", "b"]) -> SubscriptionMachine {
        var machine = SubscriptionMachine(channels: channels, pingInterval: .seconds(1), now: time(0))
        #expect(machine.connected(Handshake(RedisConfiguration(endpoint: .unix("/s"))), now: time(0)) == true)
        #expect(machine.received(.simple("PONG"), now: time(0)) == .none)
        #expect(machine.received(.simple("run_id:a\n"), now: time(0)) == .none)
        let identity = ServerIdentity(runID: "a", replicationID: "b", role: "master", version: "unknown")
        #expect(
            machine.received(.simple("role:master\nmaster_replid:b\n"), now: time(0)) == .subscribe(identity)
        )
        return machine
    }

    @Test("It is subscribed when every channel is confirmed; messages may come earlier")
    func confirmations() {
        var machine = subscribing()
        #expect(machine.received(confirmation("a", 1), now: time(1)) == .none)
        #expect(
            machine.received(push("message", "a", "early"), now: time(1))
                == .message(channel: "a", payload: ByteBuffer(string: "early"))
        )
        #expect(machine.received(confirmation("b", 2), now: time(1)) == .subscribed)
        #expect(
            machine.received(push("message", "b", "x"), now: time(1))
                == .message(channel: "b", payload: ByteBuffer(string: "x"))
        )
        #expect(machine.received(push("pong", ""), now: time(1)) == .none)
    }

    @Test("It pings, and gives up when nothing at all follows a ping")
    func silence() {
        var machine = subscribing(["a"])
        machine.receivedBytes(now: time(10))
        _ = machine.received(confirmation("a", 1), now: time(10))
        #expect(machine.tick(now: time(999)) == .none)
        #expect(machine.tick(now: time(1000)) == .ping)
        #expect(machine.tick(now: time(1500)) == .none)
        machine.receivedBytes(now: time(1600))
        #expect(machine.tick(now: time(2000)) == .ping)
        guard case .close(let error) = machine.tick(now: time(3000)) else {
            Issue.record("goes on")
            return
        }
        #expect(error.code == .connectionLost)
    }

    @Test("A process that was stopped itself does not blame the link")
    func ownPause() {
        var machine = subscribing(["a"])
        machine.receivedBytes(now: time(10))
        _ = machine.received(confirmation("a", 1), now: time(10))
        #expect(machine.tick(now: time(60_000)) == .ping)
    }

    @Test("A SUBSCRIBE that nothing follows ends the connection")
    func unconfirmed() {
        var machine = subscribing()
        #expect(machine.tick(now: time(999)) == .none)
        guard case .close = machine.tick(now: time(1000)) else {
            Issue.record("goes on")
            return
        }
    }

    @Test(
        "Anything else ends the connection",
        arguments: [
            RedisValue.integer(1), .null, .simple("OK"), .array([]), push("message", "a"),
            confirmation("unknown", 1), push("pmessage", "a", "b", "c"),
            .error(RedisError(reply: "NOPERM x")),
        ]
    )
    func unexpected(reply: RedisValue) {
        var machine = subscribing()
        guard case .close = machine.received(reply, now: time(1)) else {
            Issue.record("goes on")
            return
        }
        #expect(machine.close() == true)
        #expect(machine.close() == false)
    }
}
