import RedisClient
package import SessionCore

extension RedisSessionStore {
    /// Changes what an active session says of itself. Creates nothing, and leaves its deadlines alone unless
    /// told to extend.
    /// - Parameters:
    ///   - order: validated.
    ///   - epoch: the present one; a session of an earlier one counts as gone.
    /// - Returns: whether there is such a session.
    package func update(
        _ id: SessionID,
        _ order: UpdateOrder,
        by actor: String? = nil,
        from: String? = nil,
        epoch: UInt64,
        origin: RevocationMessage.Origin?
    ) async throws(StoreError) -> Published<Bool> {
        let (replies, nodes) = try await self.publishing([
            self.calls.update(id, order, by: actor, from: from, epoch: epoch, origin: origin)
        ])
        let answer = try replies.value(0, of: "update").answer(of: "update")
        switch answer.first?.string {
        case "ok": return Published(true, nodes: try answer.number(2, of: "update") == 1 ? nodes : [])
        case "gone": return Published(false, nodes: [])
        default: throw .corrupt("answer of update")
        }
    }

    /// The application's document of a session; one of an epoch before `epoch` has ended.
    /// - Returns: `nil` when there is no such session, `.some(nil)` when it has no document.
    package func data(of id: SessionID, epoch: UInt64) async throws(StoreError) -> SessionDocument?? {
        let replies = try await self.pipeline([
            RedisCommand("GET").key(self.keys.live(id)), RedisCommand("GET").key(self.keys.document(id)),
        ])
        guard let record = try self.decodeRecord(try replies.value(0, of: "GET"), id: id),
            !record.session.hasEnded(by: epoch)
        else { return nil }
        let value = try replies.value(1, of: "GET").orThrow()
        if value == .null { return .some(nil) }
        guard let text = value.string, let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
            let version = Int(text[..<colon])
        else { throw .corrupt("document of session \(id)") }
        let json = String(text[text.utf8.index(after: colon)...])
        return .some(json.isEmpty ? nil : SessionDocument(version: version, json: json))
    }

    /// Replaces the application's document.
    /// - Parameters:
    ///   - json: at most 8 KiB; empty to take the document away.
    ///   - version: the one that was read (0 when there was none), or `nil` to overwrite whatever there is.
    package func setData(
        _ json: String,
        of id: SessionID,
        expecting version: Int?,
        epoch: UInt64
    ) async throws(StoreError) -> SetDataOutcome {
        let answer = try await self.run(self.calls.setData(json, of: id, expecting: version, epoch: epoch))
            .answer(of: "data_set")
        switch answer.first?.string {
        case "ok": return .written(try answer.number(1, of: "data_set"))
        case "conflict": return .conflict(present: try answer.number(1, of: "data_set"))
        case "gone": return .gone
        default: throw .corrupt("answer of data_set")
        }
    }
}
