import RedisClient
package import SessionCore

extension RedisSessionStore {
    /// Reads a live record and leaves its idle timeout alone.
    /// - Returns: `nil` when there is no such session.
    package func record(of id: SessionID) async throws(StoreError) -> SessionRecord? {
        let replies = try await self.pipeline([RedisCommand("GET").key(self.keys.live(id))])
        return try self.decodeRecord(try replies.value(0, of: "GET"), id: id)
    }
}
