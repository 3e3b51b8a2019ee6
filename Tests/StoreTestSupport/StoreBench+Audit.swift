import RedisClient
package import SessionCore
package import SessionStore

extension StoreBench {
    /// Brings all that has happened into the log, as a node's relay does.
    @discardableResult
    package func relay(_ limits: AuditLimits = AuditLimits()) async throws -> Int {
        var appended = 0
        while true {
            let state = try await self.store.relayState()
            let reads = try await self.store.readEvents(after: state, limit: 64)
            guard !reads.isEmpty else { return appended }
            for batch in RelayBatch.batches(of: reads, after: state) {
                guard try await self.store.append(batch, limits) else { break }
                appended += batch.links.count
            }
        }
    }

    /// The whole log.
    package func entries() async throws -> [AuditEntry] {
        var entries: [AuditEntry] = []
        while true {
            let more = try await self.store.log(
                after: entries.last?.position,
                limit: 1000
            )
            if more.isEmpty { return entries }
            entries += more
        }
    }

    /// The log in the raw: position, hash before, content.
    package func rawLog() async throws -> [(id: String, previous: [UInt8], content: [UInt8])] {
        let reply = try await self.client.send(
            RedisCommand("XRANGE").key(self.store.keys.log).arg("-").arg("+"),
            timeout: nil
        )
        return (reply.elements ?? []).compactMap { entry in
            guard let parts = entry.elements, parts.count == 2, let id = parts[0].string,
                let fields = parts[1].elements, fields.count == 4, let previous = fields[1].bytes,
                let content = fields[3].bytes
            else { return nil }
            return (id, previous, content)
        }
    }

    /// Writes the log anew, as somebody does who tampers with it.
    package func rewriteLog(_ entries: [(id: String, previous: [UInt8], content: [UInt8])]) async throws {
        _ = try await self.client.send(RedisCommand("DEL").key(self.store.keys.log), timeout: nil)
        for entry in entries {
            _ = try await self.client.send(
                RedisCommand("XADD").key(self.store.keys.log).arg(entry.id).arg("p")
                    .arg(bytes: entry.previous).arg("e").arg(bytes: entry.content),
                timeout: nil
            )
        }
    }
}
