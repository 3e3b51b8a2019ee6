import Synchronization

/// What was done, counted.
final class LifecycleCounters: Sendable {
    let created = Atomic<UInt64>(0)
    let evicted = Atomic<UInt64>(0)
    let ended = Atomic<UInt64>(0)
    let rotated = Atomic<UInt64>(0)
    /// Microseconds of the last receipt.
    let lastReceipt = Atomic<UInt64>(0)
}
