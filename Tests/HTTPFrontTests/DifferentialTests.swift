import Foundation
import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct DifferentialTests {
    /// What every connection sends last: whether and in what order it is answered shows what the server took the
    /// bytes before for, and whether it had closed.
    static let canaries = [
        Array("GET /check HTTP/1.1\r\nHost: canary\r\n\r\n".utf8),
        Array("GET /health/ready HTTP/1.1\r\nHost: canary\r\n\r\n".utf8),
    ]

    /// The first 1,200; `PORTCULLIS_FUZZ_SEEDS=from..<to` gives others.
    static let seeds: Range<UInt64> = {
        let bounds = ProcessInfo.processInfo.environment["PORTCULLIS_FUZZ_SEEDS"]?
            .split(separator: "..<").compactMap { UInt64($0) }
        guard let bounds, bounds.count == 2, bounds[0] < bounds[1] else { return 0..<1200 }
        return bounds[0]..<bounds[1]
    }()

    @Test func hotPathAndRouteNeverDiffer() async throws {
        try await withFront { front in
            let good = [
                try await front.token("alice", roles: ["a", "b c"]), try await front.token("é %\u{1F600}"),
                try await front.token("cold", keepWarm: false),
            ]
            let ended = try await front.token("gone")
            if let token = Token(ended) { _ = try await front.gateway.end(token.sessionID, Ending(.revoked)) }
            let forged = String(good[0].dropLast(2)) + (good[0].hasSuffix("AA") ? "BB" : "AA")
            let tokens = good + good + [ended, forged, "short", String(repeating: "x", count: 64)]
            var statuses: [Int: Int] = [:]
            for seed in Self.seeds {
                var generator = RequestGenerator(seed: seed, tokens: tokens)
                let pieces = generator.connection() + Self.canaries
                let pace = [nil, "/check", "/health/live"][Int(seed % 3)]
                async let hotBytes = exchange(port: front.hotPort, pieces, pace: pace)
                async let slowBytes = exchange(port: front.slowPort, pieces, pace: pace)
                let hot: [RawResponse]
                let slow: [RawResponse]
                do {
                    (hot, slow) = (
                        RawResponse.parse(try await hotBytes), RawResponse.parse(try await slowBytes)
                    )
                } catch {
                    let sent = pieces.map { String(decoding: $0, as: UTF8.self).debugDescription }
                    Issue.record("seed \(seed): \(error)\nsent: \(sent)")
                    return
                }
                for response in hot { statuses[response.status, default: 0] += 1 }
                if hot != slow {
                    Issue.record(
                        """
                        seed \(seed)
                        sent: \(pieces.map { String(decoding: $0, as: UTF8.self).debugDescription })
                        hot: \(hot)
                        route: \(slow)
                        """
                    )
                    return
                }
            }
            // A generator that only made garbage would show nothing.
            for status in [200, 204, 400, 401] { #expect(statuses[status, default: 0] > 100, "\(statuses)") }
            let figures = try await front.call("GET", "/metrics").body
            #expect(!figures.contains("portcullis_hot_path_answers_total{result=\"accepted\"} 0\n"))
        }
    }
}
