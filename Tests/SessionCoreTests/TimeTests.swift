import SessionCore
import Testing

@Suite struct TimeTests {
    @Test func timestampsSaturate() {
        #expect(time(.max) + .milliseconds(1) == time(.max))
        #expect(time(.min) - .milliseconds(1) == time(.min))
        #expect(time(0) + .seconds(Int64.max) == time(.max))
        #expect(time(5) - time(2) == .milliseconds(3))
        #expect(time(1) < time(2))
    }

    @Test func instantsSaturate() {
        #expect(MonotonicInstant(nanoseconds: .max) + .nanoseconds(1) == MonotonicInstant(nanoseconds: .max))
        #expect(instant(5) - instant(2) == .milliseconds(3))
        #expect(MonotonicInstant.distantPast < MonotonicInstant(nanoseconds: .min + 1))
    }

    @Test func durationsInWholeUnits() {
        #expect(Duration.milliseconds(1500).inMilliseconds == 1500)
        #expect(Duration.microseconds(-1500).inMilliseconds == -1)
        #expect(Duration.seconds(Int64.max).inMilliseconds == .max)
        #expect(Duration.seconds(Int64.min).inNanoseconds == .min)
        #expect(Duration.nanoseconds(7).inNanoseconds == 7)
    }
}
