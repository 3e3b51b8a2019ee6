package import SessionCore
import Synchronization

/// The part of a check that needs no I/O: reading the token, the near-cache, the signature, the expiry.
struct TokenInspector: Sendable {
    let keys: TokenKeyRing
    let cache: NearCacheShards
    let clock: CheckClock
    let touches: TouchQueue
    let isStrict: Bool
    let refusals: DeniedCheckCounters

    /// Examines the text of a token. Any thread; the text must have been read from the client before the call,
    /// because the lease is examined here.
    func inspect(_ text: UnsafeBufferPointer<UInt8>) -> CachedCheck {
        guard let token = Token(text) else { return self.refuse(.malformed) }
        let id = token.sessionID
        let now = MonotonicClock.now()
        let time = self.clock.time(at: now)
        if let time, self.isStrict || self.clock.isLeased(at: now) {
            switch self.find(id, digest: token.digest, now: time) {
            case .hit(let value, let touch):
                // The very token whose signature was verified when the entry was made.
                if self.isStrict { return .needsRedis(PendingCheck(token: token, earlier: value)) }
                if touch { self.touches.add(id, value.session, at: time) }
                return .answered(.active(value))
            case .ended:
                // A forged token is told apart even here, so that guesses are counted as such.
                return self.refuse(self.keys.verifies(token) ? .ended : .forged)
            case .miss: break
            }
        }
        guard self.keys.verifies(token) else { return self.refuse(.forged) }
        if let time, time >= token.absoluteExpiry { return self.refuse(.expired) }
        if self.cache.isEnded(id) { return self.refuse(.ended) }
        return .needsRedis(PendingCheck(token: token, earlier: nil))
    }

    private func find(_ id: SessionID, digest: Digest256, now: Timestamp) -> NearCache.Lookup {
        self.isStrict
            ? self.cache.recall(id, digest: digest, now: now, epoch: self.clock.epoch)
            : self.cache.lookup(id, digest: digest, now: now, epoch: self.clock.epoch)
    }

    private func refuse(_ refusal: Refusal) -> CachedCheck {
        self.refusals.count(refusal)
        return .answered(.refused(refusal))
    }
}

/// What a check says before Redis is asked.
package enum CachedCheck: Sendable {
    /// All is known.
    case answered(CheckResult)
    /// The token's signature is right and its absolute expiry ahead; Redis knows the rest.
    case needsRedis(PendingCheck)
}

/// A check that only Redis can answer.
package struct PendingCheck: Sendable {
    /// Its signature is right.
    package let token: Token
    /// On a strict node, what an earlier check of this very token found. It is no answer: it saves reading the
    /// record anew if Redis still holds the same bytes.
    let earlier: CachedSession?
}

/// How often tokens were refused, by reason.
final class DeniedCheckCounters: Sendable {
    private let malformed = Atomic<UInt64>(0)
    private let forged = Atomic<UInt64>(0)
    private let expired = Atomic<UInt64>(0)
    private let ended = Atomic<UInt64>(0)
    private let reused = Atomic<UInt64>(0)

    func count(_ refusal: Refusal) {
        switch refusal.kind {
        case .malformed: self.malformed.add(1, ordering: .relaxed)
        case .forged: self.forged.add(1, ordering: .relaxed)
        case .expired: self.expired.add(1, ordering: .relaxed)
        case .ended: self.ended.add(1, ordering: .relaxed)
        case .reused: self.reused.add(1, ordering: .relaxed)
        }
    }

    subscript(_ refusal: Refusal) -> UInt64 {
        switch refusal.kind {
        case .malformed: self.malformed.load(ordering: .relaxed)
        case .forged: self.forged.load(ordering: .relaxed)
        case .expired: self.expired.load(ordering: .relaxed)
        case .ended: self.ended.load(ordering: .relaxed)
        case .reused: self.reused.load(ordering: .relaxed)
        }
    }
}
