import Synchronization

/// A lock that can be shared: `Mutex` itself cannot be captured.
package final class Mutexed<Value>: Sendable {
    private let mutex: Mutex<Value>

    /// A lock around a value.
    package init(_ value: sending Value) {
        mutex = Mutex(value)
    }

    /// Runs `body` with the value, alone.
    package func withLock<Result>(_ body: (inout sending Value) throws -> sending Result) rethrows
        -> sending Result
    {
        try mutex.withLock(body)
    }
}
