import NIOCore
import NIOEmbedded
import Testing

@testable import RedisClient

/// A handler in a channel without a socket, on a loop whose time the test moves.
private final class Bench {
    let loop = EmbeddedEventLoop()
    let channel: EmbeddedChannel
    let handler: ConnectionHandler
    var events: [String] = []
    var answers: [String] = []

    init(_ configuration: RedisConfiguration) throws {
        var tell: (ConnectionHandler.Event) -> Void = { _ in }
        handler = ConnectionHandler(eventLoop: loop, configuration: configuration) { tell($0) }
        channel = EmbeddedChannel(loop: loop)
        tell = { [unowned self] event in
            switch event {
            case .identified: events.append("identified")
            case .retiring: events.append("retiring")
            case .closed(let error): events.append("closed \(error.code)")
            }
        }
        try channel.pipeline.syncOperations.addHandler(handler)
        channel.connect(to: try SocketAddress(unixDomainSocketPath: "/none"), promise: nil)
        loop.run()
    }

    /// Everything written since the last time, one element for each write.
    func writes() throws -> [String] {
        var writes: [String] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
            writes.append(String(buffer: buffer))
        }
        return writes
    }

    func receive(_ text: String) throws {
        try channel.writeInbound(ByteBuffer(string: text))
        loop.run()
    }

    /// Answers the handshake and opens the gate.
    func makeReady() throws {
        _ = try writes()
        let server = "run_id:a\r\n"
        let replication = "role:master\r\nmaster_replid:b\r\n"
        try receive(
            "+PONG\r\n$\(server.utf8.count)\r\n\(server)\r\n$\(replication.utf8.count)\r\n\(replication)\r\n"
        )
        #expect(handler.admit())
    }

    func echo(_ text: String) {
        handler.enqueue(RedisCommand("ECHO").arg(text), timeout: nil, .one { self.note(text, $0) })
    }

    func note(_ text: String, _ result: Result<RedisValue, RedisError>) {
        switch result {
        case .success(let value): answers.append("\(text)=\(value.string ?? "?")")
        case .failure(let error): answers.append("\(text)!\(error.code)")
        }
    }
}

private func command(_ text: String) -> String { "*2\r\n$4\r\nECHO\r\n$\(text.utf8.count)\r\n\(text)\r\n" }

@Suite("A connection without a socket")
struct ConnectionHandlerTests {
    private func bench(_ change: (inout RedisConfiguration) -> Void = { _ in }) throws -> Bench {
        var configuration = RedisConfiguration(endpoint: .unix("/none"))
        change(&configuration)
        return try Bench(configuration)
    }

    @Test("The handshake leaves in one write")
    func handshake() throws {
        let bench = try bench { $0.password = "p" }
        let writes = try bench.writes()
        #expect(
            writes.count == 1 && writes[0].hasPrefix("*2\r\n$4\r\nAUTH\r\n$1\r\np\r\n*1\r\n$4\r\nPING\r\n")
        )
        try bench.receive("-WRONGPASS no\r\n")
        #expect(bench.events == ["closed server"])
    }

    @Test("What is sent in one turn of the loop leaves in one write; what a reply causes, too")
    func oneWrite() throws {
        let bench = try bench()
        try bench.makeReady()
        for text in ["a", "b", "c"] { bench.echo(text) }
        #expect(try bench.writes().isEmpty)
        bench.loop.run()
        #expect(try bench.writes() == [command("a") + command("b") + command("c")])
        for text in ["d", "e"] {
            bench.handler.enqueue(RedisCommand("PING"), timeout: nil, .one { _ in bench.echo(text) })
        }
        bench.loop.run()
        _ = try bench.writes()
        try bench.receive("+1\r\n+2\r\n+3\r\n+PONG\r\n+PONG\r\n")
        #expect(try bench.writes() == [command("d") + command("e")])
        try bench.receive("+4\r\n+5\r\n")
        #expect(bench.answers == ["a=1", "b=2", "c=3", "d=4", "e=5"])
    }

    @Test("A completion may close the connection; the others are answered all the same")
    func closeFromCompletion() throws {
        let bench = try bench()
        try bench.makeReady()
        bench.handler.enqueue(
            RedisCommand("PING"),
            timeout: nil,
            .one { _ in
                bench.echo("unwritten")
                bench.handler.close(RedisError(.connectionLost, "test"))
                bench.echo("late")
            }
        )
        bench.echo("written")
        bench.loop.run()
        try bench.receive("+PONG\r\n+1\r\n")
        #expect(bench.answers == ["written!connectionLost", "unwritten!unavailable", "late!unavailable"])
        #expect(bench.events == ["identified", "closed connectionLost"])
    }

    @Test("Deadlines: the caller within 25 ms of his, the connection after twice the time without a byte")
    func deadlines() throws {
        let bench = try bench()
        try bench.makeReady()
        bench.echo("a")
        bench.loop.advanceTime(by: .milliseconds(399))
        #expect(bench.answers.isEmpty)
        bench.loop.advanceTime(by: .milliseconds(26))
        #expect(bench.answers == ["a!deadlineExceeded"])
        bench.loop.advanceTime(by: .milliseconds(374))
        #expect(bench.events == ["identified"])
        bench.loop.advanceTime(by: .milliseconds(26))
        #expect(bench.events == ["identified", "closed connectionLost"])
        #expect(bench.answers == ["a!deadlineExceeded"])
    }

    @Test("An idle connection is pinged, and closed when that is not answered")
    func keepAlive() throws {
        let bench = try bench()
        try bench.makeReady()
        bench.loop.advanceTime(by: .seconds(5))
        #expect(try bench.writes() == ["*1\r\n$4\r\nPING\r\n"])
        try bench.receive("+PONG\r\n")
        bench.loop.advanceTime(by: .seconds(4))
        #expect(try bench.writes().isEmpty)
        bench.loop.advanceTime(by: .seconds(1))
        #expect(try bench.writes().count == 1)
        bench.loop.advanceTime(by: .seconds(1))
        #expect(bench.events == ["identified", "closed connectionLost"])
    }

    @Test("After READONLY the last replies are awaited, then the connection is closed")
    func retiring() throws {
        let bench = try bench()
        try bench.makeReady()
        bench.echo("a")
        bench.echo("b")
        bench.loop.run()
        try bench.receive("-READONLY no\r\n")
        #expect(bench.events == ["identified", "retiring"])
        bench.echo("c")
        try bench.receive("+2\r\n")
        #expect(bench.answers == ["a!server", "c!unavailable", "b=2"])
        #expect(bench.events == ["identified", "retiring", "closed unavailable"])
    }
}
