import SessionCore
import Testing

@Suite struct ServerClockTests {
    /// Redis's clock runs `shift` milliseconds ahead of the node's monotonic one.
    private func observe(
        _ clock: inout ServerClock,
        shift: Int64,
        sentAt: Int64,
        there: Int64,
        back: Int64
    ) {
        clock.observe(
            serverTime: time(sentAt + there + shift),
            sentAt: instant(sentAt),
            receivedAt: instant(sentAt + there + back)
        )
    }

    @Test func knowsNothingAtFirst() {
        let clock = ServerClock()
        #expect(!clock.isSynchronized)
        #expect(clock.time(at: instant(0)) == nil)
        #expect(clock.offsetNanoseconds == nil)
    }

    @Test(arguments: [Int64(-3_600_000), -1, 0, 1, 3_600_000, 1_700_000_000_000])
    func errorIsAtMostHalfTheRoundTrip(shift: Int64) throws {
        for (there, back) in [(0, 0), (1, 1), (40, 0), (0, 40), (300, 100)] as [(Int64, Int64)] {
            var clock = ServerClock()
            self.observe(&clock, shift: shift, sentAt: 7_200_000, there: there, back: back)
            let told = try #require(clock.time(at: instant(7_300_000))).milliseconds
            #expect(abs(told - (7_300_000 + shift)) <= (there + back) / 2 + 1)
        }
    }

    @Test func shortestRoundTripWins() throws {
        var clock = ServerClock()
        self.observe(&clock, shift: 1000, sentAt: 0, there: 1, back: 1)
        self.observe(&clock, shift: 1000, sentAt: 100, there: 200, back: 0)
        #expect(clock.time(at: instant(500)) == time(1500))
        self.observe(&clock, shift: 2000, sentAt: 600, there: 0, back: 0)
        #expect(clock.time(at: instant(700)) == time(2700))
    }

    @Test func aSteppedClockIsFollowedAfterTenSeconds() {
        var clock = ServerClock()
        self.observe(&clock, shift: 0, sentAt: 0, there: 0, back: 0)
        self.observe(&clock, shift: 5000, sentAt: 9000, there: 2, back: 2)
        #expect(clock.time(at: instant(9500)) == time(9500))
        self.observe(&clock, shift: 5000, sentAt: 10_000, there: 2, back: 2)
        #expect(clock.time(at: instant(10_500)) == time(15_500))
    }

    @Test func samplesThatSayTooLittleAreIgnored() {
        var clock = ServerClock()
        // The process was stopped for 8 s after Redis had answered: the middle would be 4 s off.
        self.observe(&clock, shift: 0, sentAt: 0, there: 1, back: 8000)
        #expect(!clock.isSynchronized)
        self.observe(&clock, shift: 0, sentAt: 10_000, there: 1, back: 1)
        self.observe(&clock, shift: 0, sentAt: 30_000, there: 1, back: 8000)
        #expect(clock.time(at: instant(40_000)) == time(40_000))
    }

    @Test func nonsenseIsIgnored() {
        var clock = ServerClock()
        clock.observe(serverTime: time(0), sentAt: instant(5), receivedAt: instant(4))
        clock.observe(serverTime: time(.max), sentAt: instant(4), receivedAt: instant(5))
        #expect(!clock.isSynchronized)
    }
}
