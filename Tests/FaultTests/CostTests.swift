import Foundation
import SessionCore
import TestSupport
import Testing

extension Faults {
    /// Promise R9: what is no token of ours costs Redis nothing; one whose session has ended costs one read.
    @Suite(.serialized) struct Cost {
        @Test(.timeLimit(.minutes(30)))
        func badTokensCostRedisNothing() async throws {
            let fleet = try await Fleet.start(nodes: 1)
            try await Fleet.run(fleet) { try await badTokens($0, count: 20_000 * scale) }
        }

        private func badTokens(_ fleet: Fleet, count: Int) async throws {
            let client = fleet.clients[0]
            let genuine = try await client.create(user: "alice")
            let keys = try TokenKeyRing(
                signing: TokenKeyRing.Key(
                    id: fleet.secrets.tokenKeyID,
                    secret: secret(fleet.secrets.tokenSecret)
                )
            )
            let probe = try RedisProbe(fleet.redis)
            // The login goes into the audit log a little later.
            #expect(try await becomesTrue { try probe.run("XLEN", "pc:{g}:log").integer == 1 })
            let before = try probe.calls()
            let progress = Progress()
            let batch = 500
            // Most go through the call that takes many, for speed; every tenth batch through the proxies' call, half
            // of that on the hot path and half on the route.
            try await concurrently(count / batch, width: 4) { number in
                let tokens = (0..<batch).map { bad($0, like: genuine.token, keys) }
                if number % 10 != 0 {
                    let list = tokens.map { "\"\($0)\"" }.joined(separator: ",")
                    let answer = try await client.send(
                        .service("POST", "/api/sessions/check", "{\"tokens\":[\(list)]}")
                    )
                    #expect(answer.status == 200)
                    #expect(!answer.text.contains(#""active":true"#))
                    #expect(answer.text.components(separatedBy: #""active":false"#).count == batch + 1)
                } else {
                    for (index, token) in tokens.enumerated() {
                        var call = HTTPCall.check(token)
                        if index % 2 == 0 { call.method = "POST" }
                        #expect(try await client.send(call).status == 401)
                    }
                }
                progress.count("tokens", by: batch)
            }
            let after = try probe.calls()
            let added = after.map { ($0.key, $0.value - (before[$0.key] ?? 0)) }.filter { $0.1 > 0 }
            report("R9 \(progress.summary); commands meanwhile: \(added.map { "\($0.0) \($0.1)" }.sorted())")
            let calls = Dictionary(uniqueKeysWithValues: added)
            #expect(progress["tokens"] == count)
            #expect(calls["getex"] == nil)
            // Heartbeat and janitor go on; each heartbeat reads the epoch once and writes its entry once.
            for command in ["set", "del", "xadd", "zadd", "pexpire", "append", "getdel"] {
                #expect(calls[command] == nil, "\(command)")
            }
            #expect(calls["get", default: 0] <= calls["hset", default: 0] + 4)
        }

        /// A token that is not good, of a kind by number.
        private func bad(_ number: Int, like token: String, _ keys: TokenKeyRing) -> String {
            var characters = Array(token)
            let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
            switch number % 5 {
            case 0: return String(characters.prefix(Int.random(in: 1...63)))
            case 1:
                characters[Int.random(in: 0..<64)] =
                    ["!", "=", "+", ".", "~"][number % 5 == 0 ? 0 : number / 5 % 5]
                return String(characters)
            case 2:
                // One character of a good one changed: forged.
                let place = Int.random(in: 0..<64)
                characters[place] = alphabet.filter { $0 != characters[place] }.randomElement() ?? "A"
                return String(characters)
            case 3: return "E" + String((1..<64).map { _ in alphabet.randomElement() ?? "A" })
            default:
                // Signed with the right key, but past its time.
                let now = Int64(Date().timeIntervalSince1970 * 1000)
                return keys.token(
                    id: SessionID(partition: .all[number % 256], value: .random(in: .min ... .max)),
                    verifier: Verifier(),
                    idleTimeout: .seconds(3600),
                    absoluteExpiry: Timestamp(milliseconds: now - Int64.random(in: 5000...1_000_000_000)),
                    remember: false
                ).text
            }
        }

        private func secret(_ hexadecimal: String) -> [UInt8] {
            let digits = hexadecimal.compactMap(\.hexDigitValue)
            return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        }

        @Test(.timeLimit(.minutes(5)))
        func endedTokenCostsOneRead() async throws {
            let fleet = try await Fleet.start(nodes: 2)
            try await Fleet.run(fleet) { fleet in
                let probe = try RedisProbe(fleet.redis)
                for round in 0..<20 {
                    let created = try await fleet.clients[0].create(user: "user-\(round)")
                    _ = try await fleet.clients[0].send(.end(created.session.id))
                    let before = try probe.calls()["getex"] ?? 0
                    for _ in 0..<25 { #expect(try await fleet.clients[1].check(created.token) == 401) }
                    let reads = (try probe.calls()["getex"] ?? 0) - before
                    #expect(reads <= 1, "\(reads) reads for 25 checks of an ended session")
                }
            }
        }
    }
}
