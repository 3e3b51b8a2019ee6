package import RedisClient
import SessionCore

/// Why a question to the store has no answer.
package enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Redis could not be reached, or did not answer in time. ``RedisError/mayHaveExecuted`` says whether the
    /// command may have been carried out.
    case unavailable(RedisError)
    /// Redis answered with an error (LOADING, READONLY, OOM, …). Nothing was changed.
    case refused(RedisError)
    /// What Redis holds cannot be read.
    case corrupt(String)
    /// This Redis was set up with another layout, or for another number of partitions.
    case incompatible(String)

    package init(_ error: RedisError) {
        switch error.code {
        case .server:
            self = error.prefix == "CORRUPT" ? .corrupt(error.message) : .refused(error)
        case .unavailable, .overloaded, .deadlineExceeded, .connectionLost, .cancelled, .protocolViolation:
            self = .unavailable(error)
        }
    }

    package var description: String {
        switch self {
        case .unavailable(let error), .refused(let error): error.description
        case .corrupt(let message): "unreadable: \(message)"
        case .incompatible(let message): message
        }
    }
}

/// Runs a command and gives its errors the store's names.
func translating<Value>(
    _ body: () async throws(RedisError) -> Value
) async throws(StoreError) -> Value {
    do throws(RedisError) {
        return try await body()
    } catch {
        throw StoreError(error)
    }
}

extension RedisValue {
    /// The value itself, unless it is an error reply.
    func orThrow() throws(StoreError) -> RedisValue {
        if case .error(let error) = self { throw StoreError(error) }
        return self
    }

    /// The elements of a script's answer.
    func answer(of script: String) throws(StoreError) -> [RedisValue] {
        guard let elements = try self.orThrow().elements else {
            throw .corrupt("answer of \(script)")
        }
        return elements
    }

    /// The integer, unless it is something else.
    func number(of what: String) throws(StoreError) -> Int {
        guard let number = try self.orThrow().int else { throw .corrupt(what) }
        return number
    }
}

extension [RedisValue] {
    /// An element of a script's answer that must be there.
    func value(_ index: Int, of script: String) throws(StoreError) -> RedisValue {
        guard self.indices.contains(index) else { throw .corrupt("answer of \(script)") }
        return self[index]
    }

    /// An integer that must be there.
    func number(_ index: Int, of script: String) throws(StoreError) -> Int {
        try self.value(index, of: script).number(of: "answer of \(script)")
    }

    /// The session ids from `index` on.
    func ids(from index: Int, in partition: Partition, of script: String) throws(StoreError) -> [SessionID] {
        var ids: [SessionID] = []
        for element in self.dropFirst(index) {
            guard let text = element.string, let id = SessionID(partition: partition, key: text) else {
                throw .corrupt("answer of \(script)")
            }
            ids.append(id)
        }
        return ids
    }
}
