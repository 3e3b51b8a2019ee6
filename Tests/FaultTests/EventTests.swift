import Foundation
import TestSupport
import Testing

extension Faults {
    /// docs/features.md E7: whoever listens to the stream of events hears of everything once, also when nodes are killed.
    @Suite(.serialized) struct EventTests {
        private static let key = [("X-Service-Key", GatewaySecrets.serviceKey)]

        /// Sessions come and go on three nodes, which are killed and started again in turn; the listener goes to the
        /// next node with the last id that it knows. In the end it has what the log holds, each once.
        @Test(.timeLimit(.minutes(30))) func nothingIsLostOrHeardTwice() async throws {
            let fleet = try await Fleet.start(nodes: 3)
            try await Fleet.run(fleet) { fleet in
                let kills = 6 * scale
                let progress = Progress()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        var number = 0
                        while !progress.isFinished {
                            number += 1
                            // A killed node answers nothing; what it did is in the log, or not.
                            guard let created = try? await fleet.anyone.create(user: "u\(number % 50)") else {
                                continue
                            }
                            progress.count("created")
                            _ = try? await fleet.anyone.send(.end(created.session.id))
                        }
                    }
                    group.addTask { try await Self.follow(fleet, progress) }
                    group.addTask {
                        for kill in 0..<kills {
                            let before = progress["heard"]
                            let node = fleet.nodes[kill % 3]
                            node.stop()
                            // Somebody has to relay again before the next one goes.
                            while progress["heard"] < before + 20 {
                                try await Task.sleep(for: .milliseconds(20))
                            }
                            try node.start()
                            try await node.waitUntilReady()
                        }
                        progress.finish()
                    }
                    try await group.waitForAll()
                }
                report("events: \(progress.summary), kills \(kills)")
                #expect(progress["created"] > 20 && progress["reconnections"] >= kills / 3)
            }
        }

        private static func follow(_ fleet: Fleet, _ progress: Progress) async throws {
            var last = "0"
            var heard: [String] = []
            var index = 0
            func listen(_ isEnough: (EventStreamClient) -> Bool) async {
                index += 1
                guard
                    let stream = try? EventStreamClient(
                        port: fleet.nodes[index % 3].port,
                        headers: key,
                        lastEventID: last
                    ),
                    await stream.read(within: .seconds(10), until: { $0.head != nil }), stream.status == 200
                else {
                    try? await Task.sleep(for: .milliseconds(20))
                    return
                }
                progress.count("reconnections")
                var known = 0
                await stream.read(within: .seconds(60)) { stream in
                    for event in stream.events.dropFirst(known) {
                        heard.append(event.id)
                        progress.count("heard")
                    }
                    known = stream.events.count
                    last = stream.lastEventID
                    return isEnough(stream)
                }
                // What came between the last look and the end.
                for event in stream.events.dropFirst(known) { heard.append(event.id) }
                last = stream.lastEventID
            }
            while !progress.isFinished { await listen { _ in progress.isFinished } }
            // The rest, up to an event that comes after everything else.
            let final = try await fleet.clients[0].create(user: "final")
            var isOver = false
            while !isOver {
                await listen { stream in
                    isOver = isOver || stream.events.contains { $0.data.contains(final.session.id) }
                    return isOver
                }
            }
            let log = try EventStreamClient(port: fleet.nodes[0].port, headers: key, lastEventID: "0")
            await log.read(within: .seconds(60)) { $0.events.contains { $0.data.contains(final.session.id) } }
            // What others did after it is of no interest.
            let end = try #require(log.events.firstIndex { $0.data.contains(final.session.id) })
            let all = log.events[...end].map(\.id)
            #expect(Array(heard.prefix(all.count)) == all, "\(heard.count) heard, \(all.count) in the log")
        }

        /// SIGTERM: the stream ends as an answer ends, at once, and the process with 0.
        @Test(.timeLimit(.minutes(5))) func aNodeThatDrainsEndsItsStreams() async throws {
            let fleet = try await Fleet.start(nodes: 1, flags: ["--drain-timeout", "60s"])
            try await Fleet.run(fleet) { fleet in
                let stream = try EventStreamClient(port: fleet.nodes[0].port, headers: Self.key)
                #expect(await stream.open() == 200)
                fleet.nodes[0].signal(SIGTERM)
                await stream.read(within: .seconds(30)) { $0.isComplete }
                #expect(stream.isComplete)
                while fleet.nodes[0].isRunning { try await Task.sleep(for: .milliseconds(10)) }
                #expect(fleet.nodes[0].log.contains("Stopped"))
            }
        }
    }
}
