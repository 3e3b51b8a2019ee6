import Foundation
import SessionCore
import SessionGateway
import TestSupport
import Testing

@testable import HTTPFront

@Suite struct EventStreamTests {
    private func listen(
        _ front: FrontFixture,
        _ query: String = "",
        after id: String? = nil,
        as headers: [(String, String)]? = nil
    ) throws -> EventStreamClient {
        try EventStreamClient(
            port: front.hotPort,
            query: query,
            headers: headers ?? front.service(front.checkKey),
            lastEventID: id
        )
    }

    /// A session that came and went.
    @discardableResult
    private func life(_ front: FrontFixture, _ user: String, organization: String? = nil) async throws
        -> SessionID
    {
        var new = NewSession(user: try UserID(user))
        new.organization = organization
        let id = try await front.gateway.create(new).session.id
        _ = try await front.gateway.end(id, Ending(.revoked, by: "root", reason: "test\u{00e4}"))
        return id
    }

    @Test func whatHappensIsTold() async throws {
        try await withFront { front in
            let stream = try self.listen(front)
            #expect(await stream.open() == 200)
            let head = stream.head?.lowercased() ?? ""
            for line in [
                "content-type: text/event-stream", "cache-control: no-store", "x-accel-buffering: no",
                "transfer-encoding: chunked", "x-content-type-options: nosniff",
            ] {
                #expect(head.contains(line), "\(head)")
            }
            await stream.read { $0.retry != nil && !$0.lastEventID.isEmpty }
            #expect(stream.retry == 2000, "and a position before the first event")
            let id = try await self.life(front, "alice")
            await stream.read { $0.events.count >= 2 }
            #expect(stream.events.map(\.kind) == ["created", "revoked"])
            let data = try #require(
                try JSONSerialization.jsonObject(with: Data(stream.events[1].data.utf8)) as? [String: Any]
            )
            #expect(data["sessionId"] as? String == id.description && data["userId"] as? String == "alice")
            #expect(data["actor"] as? String == "root" && data["reason"] as? String == "testä")
            #expect(data["id"] as? String == stream.events[1].id && data["at"] is String)
            #expect(stream.lastEventID == stream.events[1].id)
        }
    }

    @Test func filters() async throws {
        try await withFront { front in
            let streams = try [
                "?user=alice", "?org=acme", "?kind=revoked", "?kind=created,revoked&user=bob&org=acme",
            ].map { try self.listen(front, $0) }
            for stream in streams { #expect(await stream.open() == 200) }
            for stream in streams { await stream.read { $0.retry != nil } }
            try await self.life(front, "alice")
            try await self.life(front, "bob", organization: "acme")
            // Comes after all of them on every stream that it passes.
            _ = try await front.gateway.create(NewSession(user: try UserID("alice")))
            _ = try await self.life(front, "bob", organization: "acme")
            let expected = [
                ["alice created", "alice revoked", "alice created"],
                ["bob created", "bob revoked", "bob created", "bob revoked"],
                ["alice revoked", "bob revoked", "bob revoked"],
                ["bob created", "bob revoked", "bob created", "bob revoked"],
            ]
            for (stream, lines) in zip(streams, expected) {
                await stream.read { $0.events.count >= lines.count }
                let got = stream.events.map { event in
                    (event.data.contains(#""userId":"alice""#) ? "alice " : "bob ") + event.kind
                }
                #expect(got == lines)
            }
        }
    }

    @Test func whoComesBackMissesNothing() async throws {
        try await withFront { front in
            let first = try self.listen(front)
            #expect(await first.open() == 200)
            await first.read { !$0.lastEventID.isEmpty }
            // Before any event: the position at the begin counts.
            let begin = first.lastEventID
            for number in 0..<30 { try await self.life(front, "u\(number)") }
            await first.read { $0.events.count >= 60 }
            #expect(first.events.count == 60)
            for (index, event) in first.events.enumerated() where index % 7 == 0 {
                let again = try self.listen(front, after: event.id)
                await again.read { $0.events.count >= 59 - index }
                #expect(again.events == Array(first.events.dropFirst(index + 1)))
            }
            for id in [begin, "0", "0-0"] {
                let all = try self.listen(front, after: id)
                await all.read { $0.events.count >= 60 }
                #expect(all.events == first.events, "after \(id)")
            }
            // The query, and the header before it.
            let query = try self.listen(front, "?lastEventId=\(first.events[57].id)")
            await query.read { $0.events.count >= 2 }
            #expect(query.events == Array(first.events.suffix(2)))
            let both = try self.listen(front, "?lastEventId=0", after: first.events[58].id)
            await both.read { $0.events.count >= 1 }
            #expect(both.events == Array(first.events.suffix(1)))
        }
    }

    @Test func aPositionThatIsNotKeptIsToldFirst() async throws {
        try await withFront { front in
            for number in 0..<5 { try await self.life(front, "u\(number)") }
            let all = try self.listen(front, after: "0")
            await all.read { $0.events.count >= 10 }
            let ids = all.events.map(\.id)
            try #require(ids.count == 10)
            try RedisProbe(front.redis).run("XTRIM", "pc:{g}:log", "MINID", ids[6])
            let late = try self.listen(front, after: ids[2])
            await late.read { $0.events.count >= 5 }
            #expect(late.events.first?.kind == "gap")
            #expect(late.events.first?.data == #"{"after":"\#(ids[2])","kind":"gap"}"#)
            #expect(late.events.dropFirst().map(\.id) == Array(ids[6...]))
            // Whoever asks for all that is kept gets that.
            let rest = try self.listen(front, after: "0")
            await rest.read { $0.events.count >= 4 }
            #expect(rest.events.map(\.id) == Array(ids[6...]))
            // A position that this Redis never had: it has lost what was there.
            let ahead = try self.listen(front, after: "99999999999999-0")
            await ahead.read { !$0.events.isEmpty }
            #expect(ahead.events.map(\.kind) == ["gap"])
            try await self.life(front, "later")
            await ahead.read { $0.events.count >= 3 }
            #expect(ahead.events.map(\.kind) == ["gap", "created", "revoked"])
        }
    }

    @Test func badInputIsRefused() async throws {
        try await withFront { front in
            for (query, field) in [
                ("kind=revokd", "kind"), ("kind=", "kind"), ("kind=revoked,", "kind"), ("user=", "user"),
                ("org=%0A", "org"), ("lastEventId=x", "lastEventId"), ("lastEventId=1", "lastEventId"),
                ("lastEventId=-1-0", "lastEventId"), ("limit=1", "limit"), ("user=a&user=b", "user"),
            ] {
                let answer = try await front.call(
                    "GET",
                    "/api/events?\(query)",
                    headers: front.service(front.checkKey)
                )
                #expect(
                    answer.status == 400 && answer.body.contains(#""field":"\#(field)""#),
                    "\(query): \(answer)"
                )
            }
            for ids in [["x"], ["1-0", "2-0"], ["1-99999999999999999999"]] {
                let answer = try await front.call(
                    "GET",
                    "/api/events",
                    headers: front.service(front.checkKey) + ids.map { ("Last-Event-ID", $0) }
                )
                #expect(answer.status == 400 && answer.body.contains("Last-Event-ID"), "\(ids): \(answer)")
            }
            let head = try await front.call("HEAD", "/api/events", headers: front.service(front.checkKey))
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(front.gateway.nodeStatistics.eventListeners == 0, "a HEAD takes no place")
        }
    }

    @Test func placesAreLimitedAndGivenBack() async throws {
        try await withFront(adjustGateway: { $0.eventListeners = 2 }) { front in
            var streams = [try self.listen(front), try self.listen(front)]
            for stream in streams { #expect(await stream.open() == 200) }
            let third = try await front.call("GET", "/api/events", headers: front.service(front.checkKey))
            #expect(third.status == 503 && third["Retry-After"] == "5")
            #expect(third.body.contains("too_many_listeners"))
            let metrics = try await front.call("GET", "/metrics").body
            #expect(metrics.contains("portcullis_event_listeners 2\n"))
            // One goes without a word.
            streams.removeLast()
            while front.gateway.nodeStatistics.eventListeners > 1 {
                try await Task.sleep(for: .milliseconds(5))
            }
            let next = try self.listen(front)
            #expect(await next.open() == 200)
        }
    }

    @Test func streamsEndWithTheRightToListen() async throws {
        try await withFront(
            // Touches are as precise as a second then.
            adjustGateway: { $0.policy.idleTimeout = .seconds(60) },
            adjustFront: { $0.eventHeartbeat = .milliseconds(50) }
        ) { front in
            var new = NewSession(user: try UserID("root"))
            new.roles = ["portcullis:admin"]
            let created = try await front.gateway.create(new)
            let token = created.token.text
            let stream = try self.listen(front, as: front.session(token))
            let key = try self.listen(front)
            #expect(await stream.open() == 200)
            #expect(await key.open() == 200)
            // The request itself was activity.
            await stream.read { $0.comments >= 10 }
            let touches = front.gateway.nodeStatistics.touches
            await stream.read { $0.comments >= 25 }
            #expect(stream.comments >= 25, "it goes on while the session lives")
            #expect(front.gateway.nodeStatistics.touches == touches, "and does not keep it alive")
            _ = try await front.gateway.end(created.session.id, Ending(.revoked))
            await stream.read { $0.isComplete }
            #expect(stream.isComplete)
            // One that has become an ordinary user's.
            let other = try await front.gateway.create(new)
            let second = try self.listen(front, as: front.session(other.token.text))
            #expect(await second.open() == 200)
            var change = SessionChange()
            change.roles = ["user"]
            _ = try await front.gateway.update(other.session.id, change)
            await second.read { $0.isComplete }
            #expect(second.isComplete)
            await key.read { $0.comments >= 3 }
            #expect(!key.isComplete && !key.isClosed)
        }
    }

    /// The event of the end is enough, whatever the stream was asked for, and nothing behind it is sent.
    @Test(arguments: ["", "?kind=created", "?user=nobody", "?org=acme&kind=created"])
    func theEndOfTheListenersSessionIsTheEndOfTheStream(query: String) async throws {
        try await withFront(adjustFront: { $0.eventHeartbeat = .seconds(600) }) { front in
            var root = NewSession(user: try UserID("root"))
            root.roles = ["portcullis:admin"]
            let acts: [@Sendable (SessionID) async throws -> Void] = [
                { _ = try await front.gateway.end($0, Ending(.revoked)) },
                {
                    var change = SessionChange()
                    change.roles = ["user"]
                    _ = try await front.gateway.update($0, change)
                },
                { _ in _ = try await front.gateway.endEveryone(Ending(.revoked)) },
            ]
            for act in acts {
                let created = try await front.gateway.create(root)
                let own = front.session(created.token.text)
                let stream = try self.listen(front, query, as: own)
                #expect(await stream.open() == 200)
                await stream.read { $0.retry != nil }
                // Other things that happen to the session do not end it.
                var change = SessionChange()
                change.sessionName = "desk"
                _ = try await front.gateway.update(created.session.id, change)
                try await self.life(front, "before", organization: "acme")
                let isHeard = query.isEmpty || query.hasSuffix("kind=created")
                if isHeard {
                    await stream.read { $0.events.contains { $0.data.contains("before") } }
                    #expect(stream.events.contains { $0.data.contains("before") })
                }
                #expect(query.isEmpty || stream.events.allSatisfy { $0.kind == "created" })
                try await act(created.session.id)
                try await self.life(front, "behind", organization: "acme")
                await stream.read { $0.isComplete }
                #expect(stream.isComplete && stream.comments == 0)
                #expect(!stream.events.contains { $0.data.contains("behind") })
            }
        }
    }

    /// What was passed over moves the position of whoever hears of little.
    @Test func heartbeatsTellThePosition() async throws {
        try await withFront(adjustFront: { $0.eventHeartbeat = .milliseconds(50) }) { front in
            let all = try self.listen(front)
            let none = try self.listen(front, "?user=nobody")
            #expect(await all.open() == 200)
            #expect(await none.open() == 200)
            try await self.life(front, "alice")
            await all.read { $0.events.count >= 2 }
            let last = try #require(all.events.last?.id)
            await none.read { $0.lastEventID == last }
            #expect(none.lastEventID == last && none.events.isEmpty)
        }
    }

    /// Memory for a client that does not read is bounded: it is cut off, and others are not.
    @Test func whoDoesNotReadIsCutOff() async throws {
        try await withFront { front in
            let slow = try self.listen(front)
            #expect(await slow.open() == 200)
            await slow.read { $0.retry != nil }
            let fast = try self.listen(front)
            await fast.read { $0.retry != nil }
            // Entries that cannot be read are told of as well.
            let count = 60_000
            let script = "for i=1,\(count) do redis.call('XADD',KEYS[1],'*','p','','e','') end"
            try RedisProbe(front.redis).run("EVAL", script, "1", "pc:{g}:log")
            var heard = 0
            var ids: Set<String> = []
            var reader = fast
            while heard < count {
                let known = reader.events.count
                let isMore = await reader.read { $0.events.count > known }
                for event in reader.events.dropFirst(known) {
                    heard += 1
                    ids.insert(event.id)
                }
                // It may be cut off as well, and comes back as browsers do.
                if !isMore { reader = try self.listen(front, after: reader.lastEventID) }
            }
            #expect(ids.count == count && heard == count)
            while front.gateway.nodeStatistics.eventListenersCutOff == 0 {
                try await Task.sleep(for: .milliseconds(10))
            }
            await slow.read { $0.isClosed }
            #expect(slow.isClosed && !slow.isComplete && slow.events.count < count)
            let again = try self.listen(front, after: slow.lastEventID)
            let missing = count - slow.events.count
            await again.read { $0.events.count >= min(missing, 1000) }
            #expect(!again.events.isEmpty && ids.contains(again.events[0].id))
        }
    }

    @Test func aNodeWithoutRedisSaysSo() async throws {
        try await withFront { front in
            let stream = try self.listen(front)
            #expect(await stream.open() == 200)
            front.redis.stop()
            let answer = try await front.call("GET", "/api/events", headers: front.service(front.checkKey))
            #expect(answer.status == 503)
            #expect(!stream.isClosed)
        }
    }
}
