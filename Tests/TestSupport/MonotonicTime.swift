import Foundation

/// Nanoseconds of CLOCK_MONOTONIC: one clock for all processes of the machine, so that times taken in the test
/// order what happened in several of them.
package func monotonicTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Waits for a condition, looking every few milliseconds; false when it has not come true in time.
package func becomesTrue(
    within limit: Duration = .seconds(10),
    _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return try await condition()
}
