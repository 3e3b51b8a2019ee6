import Logging
import RedisClient
package import SessionCore

extension RedisSessionStore {
    /// How many sessions a script ends at once: about 2 ms of Redis's time.
    package static let endBatch = 50

    /// Ends a session, if it is the owner's: that is judged by the script which ends it. What was gone already is published
    /// too, for a repeated order must be confirmed to the caches as well.
    package func end(
        _ id: SessionID,
        _ ending: Ending,
        of owner: SessionOwner?,
        origin: RevocationMessage.Origin?
    ) async throws(StoreError) -> Published<EndOutcome> {
        let result = try await self.end([id], ending, of: owner, origin: origin)
        return Published(result.value[id] ?? .gone, nodes: result.nodes)
    }

    /// Ends sessions of whatever partitions, ``endBatch`` of one partition in one script: more would keep Redis
    /// from the checks.
    package func end(
        _ ids: [SessionID],
        _ ending: Ending,
        of owner: SessionOwner?,
        origin: RevocationMessage.Origin?
    ) async throws(StoreError) -> Published<[SessionID: EndOutcome]> {
        let batches = Self.batches(of: ids)
        guard !batches.isEmpty else { return Published([:], nodes: []) }
        var found: [SessionID: EndOutcome] = [:]
        var nodes: [RevocationBroadcaster.NodeLease] = []
        var start = 0
        while start < batches.count {
            let end = min(start + 64, batches.count)
            let (replies, present) = try await self.publishing(
                (start..<end).map { index in
                    self.calls.end(
                        batches[index].ids,
                        in: batches[index].partition,
                        ending,
                        onlyOf: owner,
                        origin: index == batches.count - 1 ? origin : nil
                    )
                }
            )
            for (batch, reply) in zip(batches[start..<end], replies) {
                for (id, code) in zip(batch.ids, try reply.answer(of: "end_sessions")) {
                    found[id] =
                        switch code.int {
                        case 1: .ended
                        case 0: .gone
                        case -1: .foreign
                        default: throw .corrupt("answer of end_sessions")
                        }
                }
            }
            nodes = present
            start = end
        }
        let anyTouched = found.values.contains { $0 != .foreign }
        return Published(found, nodes: anyTouched ? nodes : [])
    }

    /// Ends all sessions of a user, oldest first, except one if asked.
    /// - Returns: those that were live.
    package func endAll(
        of user: UserID,
        except: SessionID?,
        _ ending: Ending,
        origin: RevocationMessage.Origin?
    ) async throws(StoreError) -> Published<[SessionID]> {
        var ended: [SessionID] = []
        while true {
            let (replies, nodes) = try await self.publishing([
                self.calls.endUser(user, except: except, ending, batch: Self.endBatch, origin: origin)
            ])
            let answer = try replies.value(0, of: "end_user").answer(of: "end_user")
            ended += try answer.ids(from: 1, in: Partition(of: user), of: "end_user")
            if try answer.number(0, of: "end_user") == 0 { return Published(ended, nodes: nodes) }
        }
    }

    /// Groups ids by partition, in batches that one script takes.
    static func batches(of ids: [SessionID]) -> [(partition: Partition, ids: [SessionID])] {
        var seen: Set<SessionID> = []
        let groups = Dictionary(grouping: ids.filter { seen.insert($0).inserted }, by: \.partition)
        return groups.keys.sorted().flatMap { partition in
            let all = groups[partition] ?? []
            return stride(from: 0, to: all.count, by: Self.endBatch).map {
                (partition, Array(all[$0..<min($0 + Self.endBatch, all.count)]))
            }
        }
    }

    /// Finalizes sessions whose keys were found to have run out. Failing is no harm: the janitor comes by.
    func finalize(_ ids: [SessionID]) async {
        guard !ids.isEmpty else { return }
        do throws(StoreError) {
            let calls = Self.batches(of: ids).map { self.calls.expire($0.ids, in: $0.partition) }
            _ = try await self.runAll(calls)
        } catch {
            self.logger.debug("expired sessions left to the janitor", metadata: ["error": "\(error)"])
        }
    }
}
