import Foundation
import NIOCore
import RedisClient
import SessionCore
import StoreTestSupport
import TestSupport
import Testing

@testable import SessionStore

@Suite struct CodecTests {
    private static func record(
        _ generator: inout SeededGenerator,
        rotated: Bool
    ) throws -> SessionRecord {
        func text(_ most: Int) -> String {
            String(
                (0..<Int.random(in: 1...most, using: &generator)).map { _ in
                    "aé漢🦉z-".randomElement(using: &generator) ?? "a"
                }
            )
        }
        let user = try UserID(text(40))
        return SessionRecord(
            session: LiveSession(
                id: SessionID(partition: Partition(of: user), value: generator.next()),
                user: user,
                organization: Bool.random(using: &generator) ? text(40) : nil,
                roles: (0..<Int.random(in: 0...32, using: &generator)).map { _ in text(16) },
                factors: (0..<Int.random(in: 0...8, using: &generator)).map { _ in text(16) },
                createdAt: Timestamp(milliseconds: .random(in: 0..<1 << 50, using: &generator)),
                authenticatedAt: Timestamp(milliseconds: .random(in: 0..<1 << 50, using: &generator)),
                absoluteDeadline: Timestamp(milliseconds: .random(in: 0..<1 << 50, using: &generator)),
                idleTimeout: .milliseconds(Int64.random(in: 0..<1 << 50, using: &generator)),
                epoch: generator.next(),
                isRemembered: Bool.random(using: &generator)
            ),
            verifierDigest: try StoreBench.digest(.random(in: 0...255, using: &generator)),
            previousDigest: rotated ? try StoreBench.digest(.random(in: 0...255, using: &generator)) : nil,
            graceDeadline: Timestamp(milliseconds: rotated ? .random(in: 0..<1 << 50, using: &generator) : 0)
        )
    }

    @Test func recordsComeBackAsTheyWere() throws {
        var generator = SeededGenerator(seed: 1)
        for round in 0..<500 {
            let record = try Self.record(&generator, rotated: round % 2 == 1)
            let buffer = ByteBuffer(bytes: RecordCodec.encode(record))
            #expect(try RecordCodec.decode(.bulk(buffer), id: record.session.id) == record)
        }
    }

    @Test func nothingThatIsWrittenOverARecordTraps() throws {
        var generator = SeededGenerator(seed: 2)
        var refused = 0
        for round in 0..<10_000 {
            let record = try Self.record(&generator, rotated: round % 2 == 1)
            var bytes = RecordCodec.encode(record)
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: bytes.indices, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = .random(in: 0...255, using: &generator)
                case 1: bytes.removeSubrange(place...)
                case 2: bytes.insert(.random(in: 0...255, using: &generator), at: place)
                default: bytes.remove(at: place)
                }
            }
            do {
                _ = try RecordCodec.decode(.bulk(ByteBuffer(bytes: bytes)), id: record.session.id)
            } catch {
                guard case .corrupt = error else {
                    Issue.record("\(error)")
                    continue
                }
                refused += 1
            }
        }
        // A changed digest or number is still a record; most other changes are not.
        #expect(refused > 4000)
    }

    @Test func everyShorterRecordIsRefused() throws {
        var generator = SeededGenerator(seed: 3)
        let record = try Self.record(&generator, rotated: true)
        let bytes = RecordCodec.encode(record)
        for count in bytes.indices {
            #expect(throws: StoreError.self) {
                try RecordCodec.decode(.bulk(ByteBuffer(bytes: bytes[..<count])), id: record.session.id)
            }
        }
    }

    @Test func otherAnswersAreNoRecords() throws {
        let id = SessionID(partition: try #require(Partition(1)), value: 1)
        #expect(try RecordCodec.decode(.null, id: id) == nil)
        #expect(throws: StoreError.corrupt("live record of session \(id)")) {
            try RecordCodec.decode(.integer(1), id: id)
        }
        let error = RedisError(reply: "LOADING Redis is loading the dataset in memory")
        #expect(throws: StoreError.refused(error)) { try RecordCodec.decode(.error(error), id: id) }
    }

    @Test func detailsComeBackWhateverTheyContain() throws {
        let user = try UserID("b\"o\\b 🦉/{}")
        var request = NewSession(user: user)
        request.organization = "o\"rg"
        request.roles = ["admin", "a b"]
        request.factors = ["password", "otp"]
        request.remember = true
        request.details.displayName = "Bob \"the\" \\builder"
        request.details.email = "bob@example.org"
        request.details.sessionName = "</script>"
        request.details.loginMethod = "sso"
        request.details.ipAddress = "2001:db8::1"
        request.details.userAgent = "x\u{1B}]52;c\u{7}\r\n\u{0}\u{2028}" + String(repeating: "漢", count: 400)
        request.details.tokenSuffix = "Zk3fQ9aB"
        request.details.location = SessionLocation()
        request.details.location?.city = "\"Köln\""
        request.details.location?.isp = "a\\b"
        let id = SessionID(partition: Partition(of: user), value: 1)
        let order = CreateOrder(
            request: request,
            id: id,
            verifierDigest: try StoreBench.digest(1),
            idleTimeout: .seconds(60),
            absoluteDeadline: Timestamp(milliseconds: 9000),
            now: Timestamp(milliseconds: 1),
            epoch: 3,
            limit: 0,
            behavior: .deny,
            replacing: nil
        )
        let (head, rest) = DetailsCodec.encode(order)
        let decoded = try DetailsCodec.decode(Array("\(head)1234\(rest)".utf8), id: id)
        var expected = request.details
        expected.userAgent = request.details.userAgent.map { SessionDetails.trimmed(userAgent: $0) }
        #expect(decoded.details == expected)
        #expect(decoded.session.user == user)
        #expect(decoded.session.createdAt.milliseconds == 1234)
        #expect(decoded.session.authenticatedAt.milliseconds == 1234)
        #expect(decoded.session.roles == ["admin", "a b"])
        #expect(decoded.session.isRemembered)
        #expect(decoded.end == nil)
        // Later lines are laid over the first one.
        let patched = try DetailsCodec.decode(
            Array(
                "\(head)1234\(rest)\n{\"sn\":\"new\",\"r\":\"\",\"o\":\"\"}\n{\"x\":\"revoked\",\"t\":5,\"p\":7}"
                    .utf8
            ),
            id: id
        )
        #expect(patched.details.sessionName == "new")
        #expect(patched.session.roles.isEmpty)
        #expect(patched.session.organization == nil)
        #expect(patched.end == EndRecord(Ending(.revoked), at: Timestamp(milliseconds: 5)))
        #expect(patched.remainingAtEnd == .milliseconds(7))
        // Records from before there were locations are shorter; one without a location still is.
        var bare = order
        bare.request.details.location = nil
        let short = DetailsCodec.encode(bare)
        let elements = try JSONDecoder().decode(
            [JSONScalar].self,
            from: Data("\(short.head)1\(short.rest)".utf8)
        )
        #expect(elements.count == 17)
        let unknown = try DetailsCodec.decode(Array("\(short.head)1\(short.rest)".utf8), id: id)
        #expect(unknown.details.location == nil && unknown.details.tokenSuffix == "Zk3fQ9aB")
        for shorter in ["\(short.head)1\(short.rest.dropLast(12))]", "\(head)1\(rest.dropLast()),1,2]"] {
            #expect(throws: StoreError.self) { try DetailsCodec.decode(Array(shorter.utf8), id: id) }
        }
        for garbage in ["", "{}", "[", "{\"u\":1}", "[1]", "[\"a\",\"b\",true]", "null"] {
            #expect(throws: StoreError.self) { try DetailsCodec.decode(Array(garbage.utf8), id: id) }
        }
    }
}

/// A text or a number.
private enum JSONScalar: Decodable {
    case text(String)
    case number(Int64)

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else {
            self = .number(try container.decode(Int64.self))
        }
    }
}
