import RedisClient
import SessionCore
import SessionStore
import Synchronization

extension SessionGateway {
    /// A node without a lease may not have heard of a higher epoch, and would make a session that is dead at once, or
    /// change one that has ended.
    func learnEpochWithoutLease() async throws(GatewayError) {
        guard !self.coherence.isLeased else { return }
        do throws(StoreError) {
            self.coherence.learned(epoch: try await self.store.timeAndEpoch().epoch)
        } catch {
            throw GatewayError(error)
        }
    }

    /// Runs a script that publishes, and waits until every node has applied what it published.
    ///
    /// The broadcast begins before the script is sent, because acknowledgements may overtake the script's reply;
    /// the nodes are read after the publication, by the same pipeline.
    ///
    /// - Parameters:
    ///   - script: sends the script with the given origin; gives what it did, and the nodes as read after it.
    ///   - apply: applies it to this node, before the nodes are waited for; tells whether they have to be.
    /// - Returns: what the script did; the outcome, or `nil` when nobody had to be waited for.
    /// - Throws: ``GatewayError/Code/unavailable`` or ``GatewayError/Code/unconfirmed``.
    func broadcast<Value: Sendable>(
        _ script: (RevocationMessage.Origin) async throws(StoreError) -> Published<Value>,
        apply: (Value) -> Bool
    ) async throws(GatewayError) -> (value: Value, outcome: RevocationBroadcaster.Outcome?) {
        let number = self.receipts.begin()
        let published: Published<Value>
        do throws(StoreError) {
            published = try await script(RevocationMessage.Origin(node: self.node, number: number))
        } catch {
            self.receipts.abandon(number)
            throw GatewayError(error)
        }
        guard apply(published.value) else {
            self.receipts.abandon(number)
            return (published.value, nil)
        }
        let outcome = await self.receipts.outcome(of: number, nodes: published.nodes, appliedBy: self.node)
        self.counters.lastReceipt.store(
            UInt64(max(outcome.duration.inNanoseconds / 1000, 0)),
            ordering: .relaxed
        )
        return (published.value, outcome)
    }
}

extension RevocationReceipt {
    init(ended: Int, _ outcome: RevocationBroadcaster.Outcome) {
        self.init(
            ended: ended,
            nodes: outcome.nodes,
            applied: outcome.applied,
            lapsed: outcome.lapsed,
            milliseconds: Double(outcome.duration.inNanoseconds / 1000) / 1000
        )
    }
}
