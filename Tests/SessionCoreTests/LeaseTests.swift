import SessionCore
import Testing

@Suite struct LeaseTests {
    private let configuration = Lease.Configuration(length: .milliseconds(500), margin: .milliseconds(10))

    @Test func lengthMarginAndInterval() {
        #expect(Lease.Configuration().length == .milliseconds(500))
        #expect(Lease.Configuration().margin == .milliseconds(10))
        #expect(Lease.Configuration().heartbeatInterval == .milliseconds(125))
    }

    @Test func runsFromTheSendingNotFromTheEcho() {
        var lease = Lease(configuration: self.configuration)
        #expect(!Lease.isAlive(until: lease.expiry, at: instant(0)))
        let sequence = lease.heartbeat(at: instant(100))
        #expect(!Lease.isAlive(until: lease.expiry, at: instant(100)), "sending alone gives nothing")
        #expect(lease.echo(sequence: sequence) == .extend(instant(590)))
        #expect(Lease.isAlive(until: lease.expiry, at: instant(589)))
        #expect(!Lease.isAlive(until: lease.expiry, at: instant(590)))
    }

    @Test func unknownAndRepeatedEchoesCountForNothing() {
        var lease = Lease(configuration: self.configuration)
        #expect(lease.echo(sequence: 1) == .none)
        let sequence = lease.heartbeat(at: instant(0))
        #expect(lease.echo(sequence: sequence + 1) == .none)
        #expect(lease.echo(sequence: sequence) == .extend(instant(490)))
        #expect(lease.echo(sequence: sequence) == .none)
    }

    @Test func aLaterEchoSettlesEarlierHeartbeats() {
        var lease = Lease(configuration: self.configuration)
        let first = lease.heartbeat(at: instant(0))
        let second = lease.heartbeat(at: instant(100))
        #expect(lease.echo(sequence: second) == .extend(instant(590)))
        #expect(lease.echo(sequence: first) == .none)
        #expect(lease.expiry == instant(590))
    }

    @Test func heartbeatsThatCannotExtendAnythingAreForgotten() {
        var lease = Lease(configuration: self.configuration)
        let stale = lease.heartbeat(at: instant(0))
        _ = lease.heartbeat(at: instant(501))
        #expect(lease.echo(sequence: stale) == .none)
    }

    @Test func revokingEndsTheLeaseAndEchoesUnderWay() {
        var lease = Lease(configuration: self.configuration)
        let first = lease.heartbeat(at: instant(0))
        _ = lease.echo(sequence: first)
        let second = lease.heartbeat(at: instant(100))
        lease.revoke()
        #expect(!Lease.isAlive(until: lease.expiry, at: instant(1)))
        #expect(lease.echo(sequence: second) == .none)
        let third = lease.heartbeat(at: instant(200))
        #expect(third > second, "numbers are not used again")
        #expect(lease.echo(sequence: third) == .extend(instant(690)))
    }
}
