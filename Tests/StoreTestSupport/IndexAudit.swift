package import RedisClient
import SessionCore
package import SessionStore

/// Reads every key of an installation and says what does not agree (promise R12): the indexes must hold
/// exactly the live sessions, and the history exactly the ended ones.
package struct IndexAudit: Sendable {
    /// What is wrong, a sentence each. Empty when all is well.
    package private(set) var problems: [String] = []
    /// Live records found.
    package private(set) var live = 0
    /// Sessions in the history.
    package private(set) var ended = 0

    /// Takes the whole installation in; nothing may be changing meanwhile.
    package init(_ client: RedisClient, keys: Keys = Keys()) async throws {
        var byPartition: [Int: [String]] = [:]
        var cursor = "0"
        repeat {
            let reply = try await client.send(
                RedisCommand("SCAN").arg(cursor).arg("MATCH").arg("\(keys.prefix):{*").arg("COUNT").arg(1000),
                timeout: .seconds(5)
            )
            let parts = reply.elements ?? []
            cursor = parts.first?.string ?? "0"
            for key in parts.last?.elements ?? [] {
                let text = key.string ?? ""
                let rest = text.dropFirst(keys.prefix.count + 2)
                if let close = rest.firstIndex(of: "}"), let index = Int(rest[..<close]) {
                    byPartition[index, default: []].append(
                        String(rest[rest.index(close, offsetBy: 2)...])
                    )
                }
            }
        } while cursor != "0"
        for (index, names) in byPartition {
            try await self.examine("\(keys.prefix):{\(index)}:", Set(names), client)
        }
    }

    private mutating func examine(_ base: String, _ names: Set<String>, _ client: RedisClient) async throws {
        func ids(_ kind: String) -> Set<String> {
            Set(names.filter { $0.hasPrefix(kind) }.map { String($0.dropFirst(kind.count)) })
        }
        func members(_ name: String) async throws -> [String: String] {
            let reply = try await client.send(
                RedisCommand("ZRANGE").key(RedisKey(base + name)).arg(0).arg(-1).arg("WITHSCORES"),
                timeout: .seconds(5)
            )
            let list = reply.elements ?? []
            var result: [String: String] = [:]
            for place in stride(from: 0, to: list.count - 1, by: 2) {
                result[list[place].string ?? ""] = list[place + 1].string ?? ""
            }
            return result
        }
        let live = ids("s:")
        let details = ids("m:")
        let all = try await members("all")
        let due = try await members("due")
        let history = try await members("end")
        var byUser: [String: String] = [:]
        var sizes: [Int] = []
        for user in ids("u:") {
            let sessions = try await members("u:" + user)
            sizes.append(sessions.count)
            for (id, score) in sessions {
                if byUser[id] != nil { self.problems.append("\(base) \(id) belongs to two users") }
                byUser[id] = user
                if all[id] != score { self.problems.append("\(base) \(id) scores differ in u and all") }
            }
        }
        let counters = try await client.send(
            RedisCommand("HMGET").key(RedisKey(base + "n")).arg("users").arg("crowded"),
            timeout: .seconds(5)
        )
        let told = (counters.elements ?? []).map { Int($0.string ?? "0") ?? -1 }
        let right = [sizes.count, sizes.count { $0 > InstallationStatistics.crowdThreshold }]
        if told != right { self.problems.append("\(base) counters are \(told) and should be \(right)") }
        self.live += live.count
        self.ended += history.count
        for (name, index) in [("all", Set(all.keys)), ("due", Set(due.keys)), ("u", Set(byUser.keys))] {
            for id in live.subtracting(index) { self.problems.append("\(base) \(id) is missing in \(name)") }
            for id in index.subtracting(live) {
                self.problems.append("\(base) \(id) is an orphan in \(name)")
            }
        }
        for id in ids("j:").subtracting(live) { self.problems.append("\(base) \(id) has data only") }
        for id in ids("a:").subtracting(details) { self.problems.append("\(base) \(id) has a timeline only") }
        for id in live.subtracting(details) { self.problems.append("\(base) \(id) has no details") }
        for id in Set(history.keys).subtracting(details) {
            self.problems.append("\(base) \(id) stands in the history without details")
        }
        for id in live.intersection(history.keys) { self.problems.append("\(base) \(id) is live and ended") }
        for id in details.subtracting(live).subtracting(history.keys) {
            self.problems.append("\(base) \(id) has details but is neither live nor ended")
        }
        for id in details {
            let text =
                try await client.send(
                    RedisCommand("GET").key(RedisKey(base + "m:" + id)),
                    timeout: .seconds(5)
                ).string ?? ""
            if let user = byUser[id], !text.hasPrefix("[\"\(user)\"") {
                self.problems.append("\(base) \(id) stands in the index of the wrong user")
            }
            if text.contains("\"x\":") != (history[id] != nil) {
                self.problems.append("\(base) \(id) history and details disagree")
            }
        }
    }
}
