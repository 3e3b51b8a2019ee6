import Foundation
import SessionCore
import Testing

/// ASVS 7.2.3: tokens are unique, and their secret comes from a generator for such things. Statistics cannot show
/// that a generator is good, but that what comes of it is not used as it should be.
@Suite struct TokenRandomnessTests {
    /// 100,000; PORTCULLIS_TOKEN_SAMPLES=1000000 for the long form.
    private static let samples =
        ProcessInfo.processInfo.environment["PORTCULLIS_TOKEN_SAMPLES"].flatMap { Int($0) } ?? 100_000

    @Test func asvs723TokensDoNotRepeatAndTheirCharactersAreEvenlySpread() throws {
        let ring = TokenKeyRing(signing: try key(1, secret: 1))
        var seen: Set<[UInt8]> = []
        seen.reserveCapacity(Self.samples)
        // Bytes 20 to 35 are the secret, 36 to 47 the signature: characters 27 to 63 hold nothing else. 16 of them
        // that lie wholly within the secret are 96 random bits.
        let positions = 27..<64
        var counts = [Int](repeating: 0, count: 64 * 128)
        for _ in 0..<Self.samples {
            let token = ring.token(
                id: sessionID(1),
                verifier: Verifier(),
                idleTimeout: .seconds(60),
                absoluteExpiry: time(2_000_000_000_000),
                remember: false
            )
            let characters = Array(token.text.utf8)
            seen.insert(Array(characters[28..<44]))
            for position in positions { counts[position * 128 + Int(characters[position])] += 1 }
        }
        #expect(seen.count == Self.samples)
        let expected = Double(Self.samples) / 64
        for position in positions {
            let found = counts[(position * 128)..<(position * 128 + 128)].filter { $0 > 0 }
            #expect(found.count == 64)
            let chiSquared = found.reduce(0.0) {
                $0 + (Double($1) - expected) * (Double($1) - expected) / expected
            }
            // 63 degrees of freedom: mean 63, standard deviation 11.2; beyond 140 once in ten million positions.
            #expect(chiSquared < 140, "position \(position): \(chiSquared)")
        }
    }
}
