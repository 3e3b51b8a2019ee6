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

    /// Runs scripts in order on one connection, in one write. Those that Redis does not know are then run again, in
    /// order, with their sources: *after* the others, so calls in one pipeline must not depend on each other.
    /// - Returns: one value for each call; errors of a single call as ``RedisValue/error(_:)``.
    /// - Throws: when the pipeline as a whole could not be sent or its replies were lost.
    package func evaluatePipeline(
        _ calls: [ScriptCall],
        timeout: Duration? = nil
    ) async throws(RedisError) -> [RedisValue] {
        let deadline = ContinuousClock.now + (timeout ?? commandTimeout)
        var replies = try await pipeline(calls.map(\.byDigest), timeout: timeout)
        let missing = replies.indices.filter { replies[$0].serverError?.isScriptMissing ?? false }
        guard !missing.isEmpty else { return replies }
        let retried = try await pipeline(
            missing.map { calls[$0].bySource },
            timeout: try remaining(until: deadline)
        )
        for (index, reply) in zip(missing, retried) { replies[index] = reply }
        return replies
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
