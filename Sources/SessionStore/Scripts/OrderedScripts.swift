import RedisClient

extension RedisCommandTarget {
    /// Runs scripts strictly one after the other, on one connection.
    ///
    /// A script that Redis does not know is sent again with its source, **and so is every one behind it**:
    /// were only the missing one repeated, `nodes` could be read before the revocation that it belongs to,
    /// and a node that registered in between would not be waited for. What is behind may so run twice, when another
    /// node loads the script between two of these: ends that run again have ended nothing, so their count may be too
    /// small then, and a timeline may get an entry twice.
    func runInOrder(_ calls: [ScriptCall], timeout: Duration?) async throws(RedisError) -> [RedisValue] {
        var replies = try await self.pipeline(
            calls.map { $0.command("EVALSHA", $0.script.sha1) },
            timeout: timeout
        )
        guard let first = replies.firstIndex(where: { $0.isScriptMissing }) else { return replies }
        let again = try await self.pipeline(
            calls[first...].map { $0.command("EVAL", $0.script.source) },
            timeout: timeout
        )
        replies.replaceSubrange(first..., with: again)
        return replies
    }
}

extension RedisValue {
    fileprivate var isScriptMissing: Bool {
        if case .error(let error) = self { error.prefix == "NOSCRIPT" } else { false }
    }
}

extension ScriptCall {
    fileprivate func command(_ name: String, _ script: String) -> RedisCommand {
        var command = RedisCommand(name).arg(script).arg(self.keys.count)
        for key in self.keys { command = command.key(key) }
        for argument in self.arguments {
            switch argument {
            case .string(let string): command = command.arg(string)
            case .bytes(let bytes): command = command.arg(bytes: bytes)
            case .integer(let integer): command = command.arg(integer)
            }
        }
        return command
    }
}
