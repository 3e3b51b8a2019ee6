import Foundation
import TestSupport
import Testing

extension Faults {
    /// Promise R11: nothing in flight brings a session back that was ended meanwhile.
    @Suite(.serialized) struct Resurrection {
        enum Ending: CaseIterable {
            case byApplication, byAdministrator, ofUser, logout, others, eviction, presented, everyone
        }

        @Test(.timeLimit(.minutes(30)))
        func nothingInFlightRevivesASession() async throws {
            let fleet = try await Fleet.start(
                nodes: 3,
                flags: ["--max-sessions", "2", "--rotation-grace", "2s"]
            )
            try await Fleet.run(fleet) { fleet in
                let progress = Progress()
                let rounds = 320 * scale
                try await concurrently(rounds, width: 4) { number in
                    // "Everyone" ends the sessions of the other rounds as well; it has rounds of its own below.
                    let endings = Ending.allCases.filter { $0 != .everyone }
                    try await round(fleet, "user-\(number)", endings[number % endings.count], progress)
                }
                for number in 0..<(20 * scale) {
                    try await round(fleet, "everyone-\(number)", .everyone, progress)
                }
                report("R11 \(progress.summary)")
                let check = try IndexCheck(RedisProbe(fleet.redis))
                #expect(check.isClean, "\(check)")
                #expect(progress["rounds"] == rounds + 20 * scale)
                #expect(progress["calls under way when the session ended"] >= rounds)
            }
        }

        private func round(
            _ fleet: Fleet,
            _ user: String,
            _ ending: Ending,
            _ progress: Progress
        ) async throws {
            let created = try await fleet.anyone.create(user: user, more: #","data":{"a":1}"#)
            let other = try await fleet.anyone.create(user: user)
            let (id, token) = (created.session.id, created.token)
            _ = try await fleet.anyone.check(token)

            let ended = Mutexed<UInt64?>(nil)
            let successors = Mutexed<[String]>([token])
            @Sendable func send(_ call: HTTPCall) async throws {
                let answer = try await fleet.anyone.send(call, deadline: .seconds(20))
                let time = ended.withLock { $0 }
                if time == nil || answer.ended > (time ?? 0) {
                    progress.count("calls under way when the session ended")
                }
                if let time, answer.begun > time, call.path != "/check" || answer.status < 300 {
                    #expect(
                        answer.status >= 400,
                        "\(call.method) \(call.path) after the end: \(answer.status)"
                    )
                }
                #expect(answer.status != 500, "\(call.method) \(call.path): \(answer.text)")
                if answer.status == 200, let rotated = try? answer.decoded(RotatedAnswer.self) {
                    successors.withLock { $0.append(rotated.token) }
                }
            }
            // A request whose body arrives only after the session has ended: as long as a request can be.
            let slow = try RawConnection(port: fleet.nodes[Int.random(in: 0..<3)].port)
            let patch = #"{"sessionName":"late","extend":true,"roles":["late"]}"#
            slow.write(
                "PATCH /api/sessions/\(id) HTTP/1.1\r\nHost: a\r\nX-Service-Key: \(GatewaySecrets.serviceKey)\r\n"
                    + "Content-Type: application/json\r\nContent-Length: \(patch.utf8.count)\r\n\r\n\(patch.prefix(20))"
            )

            try await withThrowingTaskGroup(of: Void.self) { group in
                let calls: [HTTPCall] = [
                    .check(token), .check(token), .rotate(id, token),
                    .service("PATCH", "/api/sessions/\(id)", #"{"extend":true}"#),
                    .service("PATCH", "/api/sessions/\(id)", #"{"sessionName":"n","roles":["a"]}"#),
                    .service("PUT", "/api/sessions/\(id)/data", #"{"b":2}"#),
                    .service("POST", "/api/sessions/\(id)/activity", #"{"action":"a"}"#), .check(token),
                    .check(token),
                ]
                for call in calls.shuffled() { group.addTask { try await send(call) } }
                group.addTask {
                    let answer = try await fleet.anyone.send(
                        call(ending, created, other, user),
                        deadline: .seconds(20)
                    )
                    #expect([200, 201].contains(answer.status), "\(ending): \(answer.status) \(answer.text)")
                    ended.withLock { $0 = answer.ended }
                }
                try await group.waitForAll()
            }
            slow.write(String(patch.dropFirst(20)))
            let late = await slow.read(within: .seconds(10)) { !RawConnection.statuses($0).isEmpty }
            #expect(
                RawConnection.statuses(late.bytes).first == 404,
                "a late PATCH was answered with something else"
            )

            let probe = try RedisProbe(fleet.redis)
            if ending == .everyone {
                // The records are deleted in the background; until then they are refused for their epoch.
                let isSwept = try await becomesTrue { try probe.traces(of: id).isEmpty }
                #expect(isSwept)
            }
            let traces = try probe.traces(of: id)
            #expect(traces.isEmpty, "\(ending) left \(traces)")
            for token in successors.withLock({ $0 }) {
                for client in fleet.clients {
                    #expect(try await client.check(token) == 401, "\(ending)")
                }
            }
            #expect(try probe.traces(of: id).isEmpty)
            progress.count("rounds")
        }

        private func call(
            _ ending: Ending,
            _ created: CreatedAnswer,
            _ other: CreatedAnswer,
            _ user: String
        ) -> HTTPCall {
            let id = created.session.id
            let bearer = [("Authorization", "Bearer \(other.token)")]
            return switch ending {
            case .byApplication: .end(id)
            case .byAdministrator: .service("DELETE", "/api/admin/sessions/\(id)?reason=test")
            case .ofUser: .end(user: user)
            case .logout: HTTPCall("DELETE", "/api/auth/sessions", headers: bearer)
            case .others: HTTPCall("DELETE", "/api/auth/sessions/others", headers: bearer)
            // The user may have two sessions; this is the oldest.
            case .eviction: .create(user: user)
            case .presented: .create(user: "\(user)-next", more: #","presentedToken":"\#(created.token)""#)
            case .everyone: .endEveryone
            }
        }
    }
}
