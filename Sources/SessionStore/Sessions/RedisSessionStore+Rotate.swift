import RedisClient
package import SessionCore

extension RedisSessionStore {
    /// Replaces a session's verifier. One of several that try at once wins; the others get the same successor
    /// as long as the grace lasts. An older token ends the session.
    /// - Parameters:
    ///   - epoch: a session of an epoch before this one has ended.
    ///   - isSpaced: leaves a token alone that a rotation has given out within its grace.
    /// - Throws: ``StoreError/corrupt(_:)`` also when `presented` has been followed by another successor:
    ///   that takes two different tokens with one verifier, which nobody makes.
    package func rotate(
        _ id: SessionID,
        presented: Digest256,
        successor: Digest256,
        grace: Duration,
        by actor: String? = nil,
        from: String? = nil,
        epoch: UInt64,
        isSpaced: Bool = false,
        origin: RevocationMessage.Origin?
    ) async throws(StoreError) -> Published<RotateOutcome> {
        let call = self.calls.rotate(
            id,
            presented: presented,
            successor: successor,
            grace: grace,
            by: actor,
            from: from,
            epoch: epoch,
            isSpaced: isSpaced,
            origin: origin
        )
        let (replies, nodes) = try await self.publishing([call])
        let answer = try replies.value(0, of: "rotate").answer(of: "rotate")
        switch answer.first?.string {
        case "rotated": return Published(.rotated(try self.session(in: answer, id)), nodes: nodes)
        case "again": return Published(.again(try self.session(in: answer, id)), nodes: [])
        case "recent": return Published(.recent(try self.session(in: answer, id)), nodes: [])
        case "reused": return Published(.reused, nodes: nodes)
        case "gone": return Published(.gone, nodes: [])
        case "conflict": throw .corrupt("session \(id) was rotated to another successor")
        default: throw .corrupt("answer of rotate")
        }
    }

    private func session(in answer: [RedisValue], _ id: SessionID) throws(StoreError) -> LiveSession {
        guard let record = try RecordCodec.decode(try answer.value(2, of: "rotate"), id: id) else {
            throw .corrupt("answer of rotate")
        }
        return record.session
    }

    /// A check saw a genuine token whose verifier is none of the record's. Looks again, in the script, and
    /// ends the session when that is so.
    /// - Returns: whether the session was ended. When not, the check had read an old copy, or it is gone.
    package func endReused(
        _ id: SessionID,
        presented: Digest256,
        origin: RevocationMessage.Origin?
    ) async throws(StoreError) -> Published<Bool> {
        let (replies, nodes) = try await self.publishing([
            self.calls.reuse(id, presented: presented, origin: origin)
        ])
        let answer = try replies.value(0, of: "reuse").answer(of: "reuse")
        switch answer.first?.string {
        case "reused": return Published(true, nodes: nodes)
        case "current", "grace", "gone": return Published(false, nodes: [])
        default: throw .corrupt("answer of reuse")
        }
    }
}
