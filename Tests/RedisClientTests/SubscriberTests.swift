import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import RedisClient

@Suite("The subscription and a real Redis")
struct SubscriberTests {
    /// What happened, in words.
    private final class Record: Sendable {
        private let lines = Mutexed<[String]>([])

        func add(_ event: RedisSubscriber.Event) {
            let line =
                switch event {
                case .connected: "connected"
                case .subscribed: "subscribed"
                case .message(let channel, let payload): "\(channel) \(String(buffer: payload))"
                case .lost: "lost"
                }
            lines.withLock { $0.append(line) }
        }

        var all: [String] { lines.withLock { $0 } }

        func waits(for line: String, times: Int = 1) async -> Bool {
            await eventually { all.count { $0 == line } >= times }
        }
    }

    private func withSubscriber(
        _ configuration: RedisConfiguration,
        _ channels: [String],
        _ body: (RedisSubscriber, Record) async throws -> Void
    ) async throws {
        let record = Record()
        let subscriber = RedisSubscriber(
            configuration: configuration,
            channels: channels,
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            logger: silent
        ) { record.add($0) }
        subscriber.start()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(subscriber, record))
        } catch {
            result = .failure(error)
        }
        await subscriber.shutdown()
        let count = record.all.count
        try result.get()
        #expect(record.all.count == count)
    }

    @Test("Messages come in order; a loss is told once, and the subscription comes back")
    func order() async throws {
        let server = try RedisServer()
        try await withSubscriber(configuration(server), ["one", "two"]) { subscriber, record in
            #expect(await record.waits(for: "subscribed"))
            try await withClient(configuration(server), loops: 1) { client in
                let commands = (0..<1000).map {
                    RedisCommand("PUBLISH").arg($0 % 3 == 0 ? "two" : "one").arg("m\($0)")
                }
                let receivers = try await client.pipeline(commands)
                #expect(receivers.allSatisfy { $0.int == 1 })
                #expect(await record.waits(for: "two m999"))
                subscriber.dropConnection()
                #expect(await record.waits(for: "subscribed", times: 2))
                let again = try await client.send(RedisCommand("PUBLISH").arg("one").arg("again"))
                // Two while Redis has not seen yet that the dropped connection is gone.
                #expect((1...2).contains(again.int ?? 0))
                #expect(await record.waits(for: "one again"))
            }
            let messages = (0..<1000).map { "\($0 % 3 == 0 ? "two" : "one") m\($0)" }
            #expect(
                record.all == ["connected", "subscribed"] + messages + [
                    "lost", "connected", "subscribed", "one again",
                ]
            )
        }
    }

    @Test("A stopped Redis is noticed although it says nothing")
    func stopped() async throws {
        let server = try RedisServer()
        var configuration = configuration(server)
        configuration.subscriptionPingInterval = .milliseconds(100)
        configuration.connectTimeout = .milliseconds(300)
        try await withSubscriber(configuration, ["one"]) { _, record in
            #expect(await record.waits(for: "subscribed"))
            server.pause()
            #expect(await record.waits(for: "lost"))
            server.resume()
            #expect(await record.waits(for: "subscribed", times: 2))
        }
    }

    @Test("A restarted Redis is subscribed again")
    func restarted() async throws {
        let server = try RedisServer()
        try await withSubscriber(configuration(server), ["one"]) { _, record in
            #expect(await record.waits(for: "subscribed"))
            try server.restart()
            #expect(await record.waits(for: "subscribed", times: 2))
        }
    }

    @Test("With pings it stays up while nothing is published")
    func idle() async throws {
        let server = try RedisServer()
        var configuration = configuration(server)
        configuration.subscriptionPingInterval = .milliseconds(500)
        try await withSubscriber(configuration, ["one"]) { _, record in
            #expect(await record.waits(for: "subscribed"))
            try await withClient(configuration, loops: 1) { client in
                #expect(
                    await eventually {
                        let text = try? await client.send(RedisCommand("INFO").arg("commandstats")).string
                        // The client and the subscription ping once each at first.
                        let calls = InfoFields(text ?? "")["cmdstat_ping"]?.dropFirst("calls=".count)
                        return calls.flatMap { Int($0.prefix { $0.isNumber }) }.map { $0 >= 5 } ?? false
                    }
                )
            }
            #expect(record.all == ["connected", "subscribed"])
        }
    }
}
