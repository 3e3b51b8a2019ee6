import SessionCore
import Testing

func instant(_ milliseconds: Int64) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: milliseconds * 1_000_000)
}

func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

func sessionID(_ value: UInt64, partition: UInt16 = 0) -> SessionID {
    SessionID(partition: Partition(partition) ?? Partition.all[0], value: value)
}

func node(_ value: UInt64) -> NodeID { NodeID(value: value) }

func digest(_ value: UInt8) -> Digest256 {
    Digest256(bytes: [UInt8](repeating: value, count: 32)) ?? Verifier().digest
}

func key(_ id: UInt8, secret: UInt8) throws -> TokenKeyRing.Key {
    try TokenKeyRing.Key(id: id, secret: [UInt8](repeating: secret, count: 32))
}

func liveSession(_ id: SessionID, epoch: UInt64 = 0, idle: Duration = .seconds(60)) throws -> LiveSession {
    LiveSession(
        id: id,
        user: try UserID("alice"),
        organization: nil,
        roles: [],
        factors: [],
        createdAt: time(0),
        authenticatedAt: time(0),
        absoluteDeadline: time(86_400_000),
        idleTimeout: idle,
        epoch: epoch,
        isRemembered: false
    )
}

func cacheEntry(
    _ id: SessionID,
    digest value: UInt8 = 1,
    idle: Duration = .seconds(60),
    absolute: Int64 = 86_400_000,
    epoch: UInt64 = 0,
    touchedAt: Int64 = 0
) throws -> NearCache.Entry {
    NearCache.Entry(
        digest: digest(value),
        value: CachedSession(session: try liveSession(id, epoch: epoch, idle: idle)),
        idleTimeout: idle,
        absoluteDeadline: time(absolute),
        epoch: epoch,
        touchedAt: time(touchedAt)
    )
}

/// A look-up's outcome without the value, to compare with.
enum Found: Equatable, CustomTestStringConvertible {
    case hit
    case touch
    case ended
    case miss

    init(_ lookup: NearCache.Lookup) {
        self =
            switch lookup {
            case .hit(_, let touch): touch ? .touch : .hit
            case .ended: .ended
            case .miss: .miss
            }
    }

    var testDescription: String { "\(self)" }
}

extension NearCache {
    mutating func find(_ id: SessionID, digest value: UInt8 = 1, at now: Int64 = 0, epoch: UInt64 = 0)
        -> Found
    {
        Found(self.lookup(id, digest: digest(value), now: time(now), epoch: epoch))
    }

    mutating func fill(_ id: SessionID, _ entry: Entry) {
        let ticket = self.beginFill(id)
        self.completeFill(ticket, entry: entry)
    }
}
