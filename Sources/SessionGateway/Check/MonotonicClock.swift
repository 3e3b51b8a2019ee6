import SessionCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The clock leases live on.
enum MonotonicClock {
    /// `CLOCK_BOOTTIME` runs on while the process is stopped or the machine suspended, so that a node that was
    /// away finds its lease over. NIO's deadline clock does not.
    @inline(__always)
    static func now() -> MonotonicInstant {
        var time = timespec()
        #if os(Linux)
            clock_gettime(CLOCK_BOOTTIME, &time)
        #else
            clock_gettime(CLOCK_MONOTONIC, &time)
        #endif
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }
}
