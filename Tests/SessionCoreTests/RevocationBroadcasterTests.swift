import SessionCore
import Testing

@Suite struct RevocationBroadcasterTests {
    private func lease(_ value: UInt64, _ milliseconds: Int64) -> RevocationBroadcaster.NodeLease {
        .init(node: node(value), remaining: .milliseconds(milliseconds))
    }

    private func complete(
        _ number: UInt64,
        nodes: Int,
        applied: Int,
        lapsed: Int,
        after milliseconds: Int64
    ) -> [RevocationBroadcaster.Action] {
        [
            .complete(
                number,
                .init(nodes: nodes, applied: applied, lapsed: lapsed, duration: .milliseconds(milliseconds))
            )
        ]
    }

    @Test func waitsForEveryNode() {
        var broadcaster = RevocationBroadcaster()
        let number = broadcaster.begin(at: instant(0))
        #expect(
            broadcaster.nodesRead(number, nodes: [self.lease(1, 400), self.lease(2, 300)], at: instant(1))
                == []
        )
        #expect(broadcaster.acknowledged(number, by: node(1), at: instant(2)) == [])
        #expect(broadcaster.nextDeadline == instant(301))
        #expect(
            broadcaster.acknowledged(number, by: node(2), at: instant(3))
                == self.complete(number, nodes: 2, applied: 2, lapsed: 0, after: 3)
        )
        #expect(broadcaster.count == 0)
        #expect(broadcaster.nextDeadline == nil)
    }

    @Test func nobodyIsThere() {
        var broadcaster = RevocationBroadcaster()
        let number = broadcaster.begin(at: instant(5))
        #expect(
            broadcaster.nodesRead(number, nodes: [], at: instant(7))
                == self.complete(number, nodes: 0, applied: 0, lapsed: 0, after: 2)
        )
    }

    @Test func acknowledgementsMayOvertakeTheReply() {
        var broadcaster = RevocationBroadcaster()
        let number = broadcaster.begin(at: instant(0))
        #expect(broadcaster.acknowledged(number, by: node(1), at: instant(1)) == [])
        #expect(broadcaster.acknowledged(number, by: node(1), at: instant(1)) == [])
        #expect(broadcaster.advance(to: instant(10_000)) == [], "not before nodes is read")
        #expect(broadcaster.nextDeadline == nil)
        #expect(
            broadcaster.nodesRead(number, nodes: [self.lease(1, 400)], at: instant(2))
                == self.complete(number, nodes: 1, applied: 1, lapsed: 0, after: 2)
        )
    }

    @Test func anUnlistedNodeThatAcknowledgesCounts() {
        var broadcaster = RevocationBroadcaster()
        let number = broadcaster.begin(at: instant(0))
        #expect(broadcaster.acknowledged(number, by: node(9), at: instant(1)) == [])
        #expect(
            broadcaster.nodesRead(number, nodes: [], at: instant(2))
                == self.complete(number, nodes: 1, applied: 1, lapsed: 0, after: 2)
        )
    }

    @Test func silentNodesAreWaitedForUntilTheirLeaseIsOver() {
        var broadcaster = RevocationBroadcaster()
        let number = broadcaster.begin(at: instant(0))
        _ = broadcaster.nodesRead(number, nodes: [self.lease(1, 400), self.lease(2, 100)], at: instant(10))
        #expect(broadcaster.advance(to: instant(109)) == [])
        #expect(broadcaster.advance(to: instant(110)) == [])
        #expect(broadcaster.nextDeadline == instant(410))
        #expect(
            broadcaster.advance(to: instant(410))
                == self.complete(number, nodes: 2, applied: 0, lapsed: 2, after: 410)
        )
    }

    @Test func aLapsedNodeMayStillAcknowledge() {
        var broadcaster = RevocationBroadcaster()
        let number = broadcaster.begin(at: instant(0))
        _ = broadcaster.nodesRead(number, nodes: [self.lease(1, 100), self.lease(2, 400)], at: instant(0))
        #expect(broadcaster.advance(to: instant(200)) == [])
        #expect(broadcaster.acknowledged(number, by: node(1), at: instant(201)) == [])
        #expect(
            broadcaster.acknowledged(number, by: node(2), at: instant(202))
                == self.complete(number, nodes: 2, applied: 2, lapsed: 0, after: 202)
        )
        #expect(broadcaster.acknowledged(number, by: node(2), at: instant(203)) == [])
    }

    @Test func entriesThatAreOverAreNoNodes() {
        var broadcaster = RevocationBroadcaster()
        let number = broadcaster.begin(at: instant(0))
        #expect(
            broadcaster.nodesRead(number, nodes: [self.lease(1, 0), self.lease(2, -5)], at: instant(1))
                == self.complete(number, nodes: 0, applied: 0, lapsed: 0, after: 1)
        )
    }

    @Test func nothingCompletesWhileLeasesOfAFormerServerMayLive() {
        var broadcaster = RevocationBroadcaster()
        broadcaster.serverChanged(at: instant(0), leaseLength: .milliseconds(500))
        let number = broadcaster.begin(at: instant(10))
        #expect(broadcaster.nodesRead(number, nodes: [self.lease(1, 100)], at: instant(20)) == [])
        #expect(broadcaster.acknowledged(number, by: node(1), at: instant(21)) == [])
        #expect(broadcaster.nextDeadline == instant(500))
        #expect(broadcaster.advance(to: instant(499)) == [])
        #expect(
            broadcaster.advance(to: instant(500))
                == self.complete(number, nodes: 1, applied: 1, lapsed: 0, after: 490)
        )
    }

    @Test func broadcastsDoNotMix() {
        var broadcaster = RevocationBroadcaster()
        let first = broadcaster.begin(at: instant(0))
        let second = broadcaster.begin(at: instant(1))
        #expect(first != second)
        for number in [first, second] {
            #expect(broadcaster.nodesRead(number, nodes: [self.lease(1, 400)], at: instant(2)) == [])
        }
        #expect(
            broadcaster.acknowledged(second, by: node(1), at: instant(3))
                == self.complete(second, nodes: 1, applied: 1, lapsed: 0, after: 2)
        )
        #expect(broadcaster.count == 1)
        #expect(
            broadcaster.advance(to: instant(402))
                == self.complete(first, nodes: 1, applied: 0, lapsed: 1, after: 402)
        )
    }

    @Test func severalCompleteInTheOrderOfTheirNumbers() {
        var broadcaster = RevocationBroadcaster()
        let numbers = (0..<5).map { _ in broadcaster.begin(at: instant(0)) }
        for number in numbers.reversed() {
            _ = broadcaster.nodesRead(number, nodes: [self.lease(1, 100)], at: instant(0))
        }
        let completed = broadcaster.advance(to: instant(100)).map { action in
            switch action {
            case .complete(let number, _): number
            }
        }
        #expect(completed == numbers)
    }

    @Test func abandonedAndUnknownBroadcastsAreSilent() {
        var broadcaster = RevocationBroadcaster()
        let number = broadcaster.begin(at: instant(0))
        broadcaster.abandon(number)
        #expect(broadcaster.count == 0)
        #expect(broadcaster.nodesRead(number, nodes: [], at: instant(1)) == [])
        #expect(broadcaster.acknowledged(number, by: node(1), at: instant(1)) == [])
        #expect(broadcaster.nodesRead(77, nodes: [], at: instant(1)) == [])
    }

    @Test func nodesAreReadOnce() {
        var broadcaster = RevocationBroadcaster()
        let number = broadcaster.begin(at: instant(0))
        _ = broadcaster.nodesRead(number, nodes: [self.lease(1, 100)], at: instant(0))
        #expect(broadcaster.nodesRead(number, nodes: [], at: instant(1)) == [], "a second list frees nobody")
        #expect(broadcaster.count == 1)
    }
}
