import SessionCore
import Testing

@Suite struct CoherenceMachineTests {
    private let origin = RevocationMessage.Origin(node: node(2), number: 9)

    private func machine(subscribed: Bool = true) -> CoherenceMachine {
        var machine = CoherenceMachine(node: node(1), lease: .init(length: .milliseconds(500)))
        if subscribed { _ = machine.subscribed() }
        return machine
    }

    private func beat(_ machine: inout CoherenceMachine, at now: MonotonicInstant) throws -> UInt64 {
        let sequence = machine.heartbeat(at: now)
        return try #require(sequence)
    }

    @Test func subscribingFlushes() {
        var machine = self.machine(subscribed: false)
        #expect(!machine.isSubscribed)
        #expect(machine.heartbeat(at: instant(0)) == nil)
        #expect(machine.subscribed() == [.flush])
        #expect(machine.isSubscribed)
        #expect(machine.heartbeat(at: instant(0)) == 1)
    }

    @Test func losingTheSubscriptionEndsTheLeaseFirst() throws {
        var machine = self.machine()
        let sequence = try beat(&machine, at: instant(0))
        _ = machine.received(.ping(sequence: sequence, epoch: 0), at: instant(1))
        #expect(machine.leaseExpiry == instant(490))
        #expect(machine.subscriptionLost() == [.leaseEnded, .flush])
        #expect(machine.leaseExpiry == .distantPast)
        #expect(machine.heartbeat(at: instant(2)) == nil)
    }

    @Test func endingsAreAppliedBeforeTheyAreAcknowledged() {
        var machine = self.machine()
        let ids = [sessionID(1), sessionID(2)]
        #expect(
            machine.received(.ended(self.origin, ids), at: instant(0))
                == [.end(ids), .acknowledge(node: node(2), number: 9)]
        )
        #expect(machine.received(.ended(nil, [sessionID(3)]), at: instant(0)) == [.end([sessionID(3)])])
        #expect(machine.journal.count == 3)
    }

    @Test func changesAreNotJournalled() {
        var machine = self.machine()
        #expect(
            machine.received(.changed(self.origin, [sessionID(1)]), at: instant(0))
                == [.invalidate([sessionID(1)]), .acknowledge(node: node(2), number: 9)]
        )
        #expect(machine.journal.count == 0)
    }

    @Test func settingsAreAdoptedBeforeTheyAreAcknowledged() {
        var machine = self.machine()
        #expect(
            machine.received(.settings(self.origin, "1:2:{}"), at: instant(0))
                == [.adoptSettings("1:2:{}"), .acknowledge(node: node(2), number: 9)]
        )
        #expect(machine.received(.settings(nil, "x"), at: instant(0)) == [.adoptSettings("x")])
    }

    @Test func epochsOnlyRiseButAreAlwaysAcknowledged() {
        var machine = self.machine()
        #expect(
            machine.received(.everyone(self.origin, epoch: 4), at: instant(0))
                == [.raiseEpoch(4), .acknowledge(node: node(2), number: 9)]
        )
        #expect(
            machine.received(.everyone(self.origin, epoch: 4), at: instant(0))
                == [.acknowledge(node: node(2), number: 9)]
        )
        #expect(machine.learned(epoch: 3) == [])
        #expect(machine.learned(epoch: 5) == [.raiseEpoch(5)])
        #expect(machine.epoch == 5)
    }

    @Test func aPingBringsTheEpochBeforeTheLease() throws {
        var machine = self.machine()
        let sequence = try beat(&machine, at: instant(100))
        #expect(
            machine.received(.ping(sequence: sequence, epoch: 3), at: instant(110))
                == [.raiseEpoch(3), .leaseExtended(to: instant(590))]
        )
        #expect(machine.received(.ping(sequence: sequence, epoch: 4), at: instant(111)) == [.raiseEpoch(4)])
    }

    @Test func echoesOfAnEarlierSubscriptionCountForNothing() throws {
        var machine = self.machine()
        let sequence = try beat(&machine, at: instant(0))
        _ = machine.subscriptionLost()
        #expect(machine.received(.ping(sequence: sequence, epoch: 0), at: instant(1)) == [])
        _ = machine.subscribed()
        #expect(machine.received(.ping(sequence: sequence, epoch: 0), at: instant(2)) == [])
    }

    @Test func acknowledgementsArePassedOn() {
        var machine = self.machine()
        #expect(
            machine.received(.acknowledged(node: node(3), number: 8), at: instant(0))
                == [.acknowledged(by: node(3), number: 8)]
        )
    }

    @Test func anotherServerGetsTheJournalAndTime() throws {
        var machine = self.machine()
        _ = machine.ended([sessionID(1)], at: instant(0))
        _ = machine.received(.ended(nil, [sessionID(2)]), at: instant(1))
        _ = machine.learned(epoch: 6)
        let sequence = try beat(&machine, at: instant(2))
        _ = machine.received(.ping(sequence: sequence, epoch: 6), at: instant(3))
        let late = try beat(&machine, at: instant(4))

        let change = machine.serverChanged(at: instant(100))
        #expect(change.actions == [.leaseEnded, .flush])
        #expect(change.sessions == [sessionID(1), sessionID(2)])
        #expect(change.epoch == 6)
        #expect(machine.servesFrom == instant(600))
        #expect(machine.leaseExpiry == .distantPast)
        #expect(machine.received(.ping(sequence: late, epoch: 6), at: instant(101)) == [])
    }
}
