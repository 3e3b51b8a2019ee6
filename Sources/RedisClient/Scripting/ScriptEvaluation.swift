extension RedisCommandTarget {
    /// Runs a script by its digest; if Redis does not know it (restarted, flushed, another node), once more with its
    /// source. There is no third try: a NOSCRIPT in answer to EVAL comes from inside the script.
    /// - Parameter timeout: for both tries together; nil for the configured command timeout.
    package func evaluate(
        _ script: RedisScript,
        keys: [RedisKey],
        arguments: [RedisArgument],
        timeout: Duration? = nil
    ) async throws(RedisError) -> RedisValue {
        let call = ScriptCall(script, keys: keys, arguments: arguments)
        let deadline = ContinuousClock.now + (timeout ?? commandTimeout)
        do throws(RedisError) {
            return try await send(call.byDigest, timeout: timeout)
        } catch {
            guard error.isScriptMissing else { throw error }
        }
        return try await send(call.bySource, timeout: try remaining(until: deadline))
    }

    private func remaining(until deadline: ContinuousClock.Instant) throws(RedisError) -> Duration {
        let left = deadline - .now
        guard left > .zero else {
            throw RedisError(.deadlineExceeded, "no time left to send the script's source")
        }
        return left
    }
}

extension RedisError {
    /// Whether Redis does not hold the script that EVALSHA named.
    var isScriptMissing: Bool { code == .server && prefix == "NOSCRIPT" }
}
