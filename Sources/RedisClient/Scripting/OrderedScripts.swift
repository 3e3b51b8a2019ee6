extension RedisCommandTarget {
    /// Runs scripts strictly one after the other, on one connection.
    ///
    /// A script that Redis does not know is sent again with its source, **and so is every one behind it**:
    /// were only the missing one repeated, `nodes` could be read before the revocation that it belongs to,
    /// and a node that registered in between would not be waited for. What is behind may so run twice, when another
    /// node loads the script between two of these: ends that run again have ended nothing, so their count may be too
    /// small then, and a timeline may get an entry twice.
    package func runInOrder(_ calls: [ScriptCall], timeout: Duration?) async throws(RedisError)
        -> [RedisValue]
    {
        var replies = try await self.pipeline(
            calls.map(\.byDigest),
            timeout: timeout
        )
        guard let first = replies.firstIndex(where: { $0.serverError?.isScriptMissing ?? false }) else {
            return replies
        }
        let again = try await self.pipeline(
            calls[first...].map(\.bySource),
            timeout: timeout
        )
        replies.replaceSubrange(first..., with: again)
        return replies
    }
}
