import Foundation
import TestSupport
import Testing

/// What became of every token: when its end was acknowledged, and when the latest-begun check began that was
/// nevertheless answered "good".
private final class History: Sendable {
    struct Entry {
        let token: String
        var acknowledged = UInt64.max
        var lastAccepted: UInt64 = 0
    }

    private let entries = Mutexed<[Entry]>([])

    func add(_ token: String) -> Int {
        entries.withLock {
            $0.append(Entry(token: token))
            return $0.count - 1
        }
    }

    /// One of the latest tokens, ended or not.
    func recent() -> (index: Int, token: String)? {
        entries.withLock { entries in
            guard !entries.isEmpty else { return nil }
            let index = Int.random(in: max(0, entries.count - 600)..<entries.count)
            return (index, entries[index].token)
        }
    }

    /// How many there are: all of them are ended by a revocation of everyone that begins now.
    var count: Int { entries.withLock { $0.count } }

    func acknowledged(_ indices: some Sequence<Int> & Sendable, at time: UInt64) {
        entries.withLock { entries in
            for index in indices { entries[index].acknowledged = min(entries[index].acknowledged, time) }
        }
    }

    func accepted(_ index: Int, begun: UInt64) {
        entries.withLock { $0[index].lastAccepted = max($0[index].lastAccepted, begun) }
    }

    /// Tokens for which a check begun after the acknowledgement was answered "good", and how long after, in ms.
    var violations: [Double] {
        entries.withLock { entries in
            entries.filter { $0.lastAccepted > $0.acknowledged }
                .map { Double($0.lastAccepted - $0.acknowledged) / 1e6 }
        }
    }

    var ended: [(index: Int, token: String)] {
        entries.withLock { entries in
            entries.enumerated().filter { $0.element.acknowledged != .max }.map {
                ($0.offset, $0.element.token)
            }
        }
    }
}

/// Hurts one node at a time per driver, and says whether any is hurt.
private final class NodeFaults: Sendable {
    private struct State {
        var active = 0
        var number = 0
        var lastEnd: UInt64 = 0
        var hurt: Set<Int> = []
        /// How often each node has been hurt.
        var counts: [Int: Int] = [:]
    }

    private let fleet: Fleet
    private let state = Mutexed(State())

    init(_ fleet: Fleet) { self.fleet = fleet }

    /// What is going on, to compare with what is going on later.
    struct Mark {
        let active: Int
        let number: Int
        /// Nanoseconds since the last fault ended.
        let calmFor: UInt64
        let isHurt: Bool
        let count: Int
    }

    /// A mark to give to ``overlapped(since:)`` and ``spared(_:since:)``.
    func mark(_ node: Int) -> Mark {
        state.withLock {
            Mark(
                active: $0.active,
                number: $0.number,
                calmFor: monotonicTime() - $0.lastEnd,
                isHurt: $0.hurt.contains(node),
                count: $0.counts[node] ?? 0
            )
        }
    }

    /// Whether any node was hurt since.
    func overlapped(since mark: Mark) -> Bool {
        mark.active > 0 || state.withLock { $0.number } != mark.number
    }

    /// Whether the node itself was not hurt since.
    func spared(_ node: Int, since mark: Mark) -> Bool {
        !mark.isHurt && state.withLock { $0.counts[node] ?? 0 } == mark.count
    }

    func run(_ progress: Progress) async throws {
        let probe = try RedisProbe(fleet.redis)
        while !progress.isFinished {
            guard let index = take() else { continue }
            let node = fleet.nodes[index]
            let pause = Duration.milliseconds(Int.random(in: 100...1500))
            switch Int.random(in: 0..<20) {
            case 0..<6:
                node.signal(SIGSTOP)
                try? await Task.sleep(for: pause)
                node.signal(SIGCONT)
                progress.count("faults: stopped")
            case 6..<9:
                node.stop()
                try? await Task.sleep(for: pause / 3)
                try node.start()
                try await node.waitUntilReady()
                progress.count("faults: killed")
            case 9..<14:
                // Some of its connections go silent, in one direction or both; the others go on. Worst is the
                // one that hears of revocations.
                let towardsGateway = Int.random(in: 0..<3) > 0
                fleet.relays[index].stall(
                    RedisRelay.Stall(
                        share: Double.random(in: 0.3...1),
                        towardsGateway: towardsGateway,
                        towardsRedis: !towardsGateway || Bool.random()
                    )
                )
                try? await Task.sleep(for: pause)
                fleet.relays[index].resume()
                progress.count("faults: link silent")
            case 14..<16:
                fleet.relays[index].cut(share: Double.random(in: 0.3...1))
                progress.count("faults: link cut")
            case 16..<18:
                try probe.run("CLIENT", "KILL", "TYPE", "pubsub")
                progress.count("faults: all subscriptions cut")
            default:
                let clients = try probe.run("CLIENT", "LIST", "TYPE", "pubsub").string ?? ""
                let ids = clients.split(whereSeparator: \.isNewline).compactMap { line in
                    line.split(separator: " ").first { $0.hasPrefix("id=") }?.dropFirst(3)
                }
                if let id = ids.randomElement() { try probe.run("CLIENT", "KILL", "ID", String(id)) }
                progress.count("faults: subscription cut")
            }
            give(index)
            progress.count("faults")
            try? await Task.sleep(for: .milliseconds(Int.random(in: 50...600)))
        }
    }

    private func take() -> Int? {
        state.withLock { state in
            let index = Int.random(in: fleet.nodes.indices)
            guard state.hurt.insert(index).inserted else { return nil }
            state.active += 1
            state.number += 1
            state.counts[index, default: 0] += 1
            return index
        }
    }

    private func give(_ index: Int) {
        state.withLock { state in
            state.hurt.remove(index)
            state.active -= 1
            state.lastEnd = monotonicTime()
        }
    }
}

extension Faults {
    /// Promise R1: after a revocation is acknowledged, no node accepts the token, whatever happens to nodes and
    /// subscriptions meanwhile.
    @Suite(.serialized) struct Revocation {
        /// PORTCULLIS_FAULT_FLAGS: flags for the nodes, to see that the test bites. `--outage-grace 60s` trades this
        /// promise away, and has to fail.
        static let moreFlags = (ProcessInfo.processInfo.environment["PORTCULLIS_FAULT_FLAGS"] ?? "")
            .split(separator: " ").map(String.init)

        @Test(.timeLimit(.minutes(60)))
        func noCheckBegunAfterAnAcknowledgementIsAccepted() async throws {
            let fleet = try await Fleet.start(
                nodes: 8,
                withRelays: true,
                flags: ["--max-sessions", "0"] + Self.moreFlags
            )
            try await Fleet.run(fleet) { try await run($0, revocations: 5000 * scale) }
        }

        private func run(_ fleet: Fleet, revocations target: Int) async throws {
            let history = History()
            let progress = Progress()
            let latencies = Mutexed<
                (calm: [Double], receiptCalm: [Double], hurt: [Double], receiptHurt: [Double])
            >(
                ([], [], [], [])
            )
            let faults = NodeFaults(fleet)
            let limit = ContinuousClock.now + .seconds(300 * scale)

            @Sendable func check(_ index: Int, _ token: String, on client: HTTPClient, _ name: String) async {
                guard let answer = try? await client.send(.check(token), deadline: .seconds(8)) else {
                    return progress.count("\(name) without answer")
                }
                switch answer.status {
                case 204:
                    history.accepted(index, begun: answer.begun)
                    progress.count("\(name) accepted")
                case 401: progress.count("\(name) refused")
                case 503: progress.count("\(name) unavailable")
                default: Issue.record("check answered \(answer.status) \(answer.text)")
                }
            }

            /// Repeats the call until a node acknowledges it, as a caller has to.
            @Sendable func revoke(_ call: HTTPCall, ending indices: [Int], everyone: Bool = false) async {
                for attempt in 0..<8 {
                    let before = everyone ? Array(0..<history.count) : indices
                    let node = Int.random(in: fleet.clients.indices)
                    let mark = faults.mark(node)
                    guard let answer = try? await fleet.clients[node].send(call, deadline: .seconds(8)),
                        let receipt = answer.receipt
                    else {
                        progress.count("revocations without acknowledgement")
                        continue
                    }
                    history.acknowledged(before, at: answer.ended)
                    let wasHurt = faults.overlapped(since: mark)
                    progress.count("revocations")
                    if wasHurt { progress.count("revocations during a fault") }
                    if receipt.lapsed > 0 { progress.count("revocations that waited for a lease") }
                    guard attempt == 0 else { return }
                    latencies.withLock {
                        if wasHurt {
                            // Others are hurt: what the lease bounds. A node that is hurt itself answers when it can.
                            guard faults.spared(node, since: mark) else { return }
                            $0.hurt.append(answer.milliseconds)
                            $0.receiptHurt.append(receipt.ms)
                        } else if mark.calmFor > 2_000_000_000 {
                            $0.calm.append(answer.milliseconds)
                            $0.receiptCalm.append(receipt.ms)
                        }
                    }
                    return
                }
            }

            @Sendable func round(_ number: Int) async {
                let user = "user-\(number)"
                let count = number % 12 == 0 ? 3 : 1
                var sessions: [(index: Int, id: String, token: String)] = []
                for _ in 0..<count {
                    guard let created = try? await fleet.anyone.create(user: user) else { continue }
                    sessions.append((history.add(created.token), created.session.id, created.token))
                }
                guard !sessions.isEmpty else { return }
                // On some nodes the token is in the near-cache when it is revoked.
                let warm = (0..<2).map { _ in fleet.anyone }
                await withDiscardingTaskGroup { group in
                    for session in sessions {
                        for client in warm {
                            group.addTask {
                                await check(session.index, session.token, on: client, "checks before")
                            }
                        }
                    }
                }
                let indices = sessions.map(\.index)
                if number % 400 == 399 {
                    await revoke(.endEveryone, ending: indices, everyone: true)
                } else if count > 1 {
                    await revoke(.end(user: user), ending: indices)
                } else {
                    await revoke(.end(sessions[0].id), ending: indices)
                }
                await withDiscardingTaskGroup { group in
                    for session in sessions {
                        for client in warm + [fleet.anyone] {
                            group.addTask {
                                await check(session.index, session.token, on: client, "checks after")
                            }
                        }
                    }
                }
            }

            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        while !progress.isFinished {
                            guard let (index, token) = history.recent() else {
                                try? await Task.sleep(for: .milliseconds(5))
                                continue
                            }
                            await check(index, token, on: fleet.anyone, "checks meanwhile")
                        }
                    }
                }
                for _ in 0..<2 {
                    group.addTask {
                        // The first part is without faults, for the healthy figures.
                        while progress["revocations"] < target / 6, !progress.isFinished {
                            try? await Task.sleep(for: .milliseconds(20))
                        }
                        try await faults.run(progress)
                    }
                }
                group.addTask {
                    defer { progress.finish() }
                    let next = Mutexed(0)
                    await withDiscardingTaskGroup { revokers in
                        for revoker in 0..<128 {
                            revokers.addTask {
                                while progress["revocations"] < target, ContinuousClock.now < limit {
                                    // The healthy figure is one of a gateway that is not overloaded by the test.
                                    if revoker >= 8, progress["revocations"] < target / 6 {
                                        try? await Task.sleep(for: .milliseconds(20))
                                        continue
                                    }
                                    await round(
                                        next.withLock { next in
                                            next += 1
                                            return next
                                        }
                                    )
                                }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            // Every node is well again; nothing that was ended may be.
            let ended = history.ended
            try await concurrently(min(ended.count, 2000), width: 16) { _ in
                let (index, token) = ended[Int.random(in: ended.indices)]
                await check(index, token, on: fleet.anyone, "checks in the end")
            }

            report("R1 \(progress.summary)")
            let figures = latencies.withLock { $0 }
            report(
                "R1 acknowledgement, healthy: \(percentiles(figures.calm)); receipt: \(percentiles(figures.receiptCalm))"
            )
            report(
                "R1 acknowledgement, other nodes hurt: \(percentiles(figures.hurt)); receipt: \(percentiles(figures.receiptHurt))"
            )
            let late = history.violations
            let (violations, examples) = (late.count, late.prefix(20).map { Int($0) })
            #expect(violations == 0, "accepted after the acknowledgement, ms after it: \(examples)")
            #expect(progress["checks in the end accepted"] == 0)
            // A run that did too little shows nothing.
            #expect(progress["revocations"] >= target)
            #expect(progress["faults"] >= 30 * scale)
            #expect(progress["faults: stopped"] >= 4 * scale)
            #expect(progress["faults: killed"] >= 2 * scale)
            #expect(progress["faults: link silent"] >= 4 * scale)
            #expect(progress["revocations during a fault"] >= target / 4)
            #expect(progress["checks before accepted"] >= target)
            #expect(progress["checks after refused"] >= target * 2)
        }
    }
}
