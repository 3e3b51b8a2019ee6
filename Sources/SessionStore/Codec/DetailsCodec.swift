import SessionCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The details record: lines of JSON, each laid over those before.
///
/// The first line is written at creation and holds the session itself too, for the live record is gone once
/// the session has ended. It is an array, because a million of them are kept and names would be a fifth of it;
/// ``order`` names its elements, and what is not known is `""` or 0. An update adds an object, the end another, so
/// that ending costs the same however much there is.
///
/// | name | what |
/// |---|---|
/// | `uk` `u` `c` `a` | user key, user id, created, absolute deadline: first, in this order, for the scripts |
/// | `i` `e` `rm` | idle timeout, epoch, 1 if remembered |
/// | `o` `r` `f` | organization, roles, factors (joined by commas) |
/// | `dn` `em` `sn` `lm` `ip` `ua` `ts` | display name, e-mail, session name, login method, address, user agent, last 8 characters of the token |
/// | `co` `re` `ci` `isp` | country, region, city, ISP; left out when none of them is known |
/// | `au` | authenticated, if not at creation: only in later lines |
/// | `x` `t` `by` `why` `p` | how it ended, when, by whom, why; what its TTL had left: only in later lines |
struct DetailsCodec {
    /// What the elements of the first line are.
    private static let order = [
        "uk", "u", "c", "a", "i", "e", "rm", "o", "r", "f", "dn", "em", "sn", "lm", "ip", "ua", "ts",
        "co", "re", "ci", "isp",
    ]
    /// How many elements there always are. What was added to the layout later may be missing.
    private static let fewest = 17

    /// What comes before and after the value of `c`, which the script puts in.
    static func encode(_ order: CreateOrder) -> (head: String, rest: String) {
        let request = order.request
        let details = request.details
        let numbers: [Int64] = [
            order.absoluteDeadline.milliseconds, order.idleTimeout.inMilliseconds,
            Int64(clamping: order.epoch), request.remember ? 1 : 0,
        ]
        let texts: [String?] = [
            request.organization, request.roles.joined(separator: ","),
            request.factors.joined(separator: ","), details.displayName, details.email, details.sessionName,
            details.loginMethod, details.ipAddress,
            details.userAgent.map { SessionDetails.trimmed(userAgent: $0) }, details.tokenSuffix,
        ]
        let location = details.location.flatMap { $0.isEmpty ? nil : $0 }
        let place = location.map { [$0.country, $0.region, $0.city, $0.isp] } ?? []
        let head = [request.user.key, request.user.text].map(JSONObjectWriter.quoted).joined(separator: ",")
        let rest =
            numbers.map(String.init) + (texts + place).map { JSONObjectWriter.quoted($0 ?? "") }
        return ("[" + head + ",", "," + rest.joined(separator: ",") + "]")
    }

    /// The line that an update lays over the others; empty when it changes nothing that is shown.
    static func patch(_ order: UpdateOrder) -> String {
        var writer = JSONObjectWriter()
        writer.field("sn", order.sessionName)
        writer.field("o", order.organization)
        writer.field("r", order.roles?.joined(separator: ","))
        writer.field("f", order.factors?.joined(separator: ","))
        return writer.text.isEmpty ? "" : "{" + writer.text + "}"
    }

    /// What a details record says.
    struct Decoded {
        let session: LiveSession
        let details: SessionDetails
        let end: EndRecord?
        /// What the live record's TTL had left when the session was ended.
        let remainingAtEnd: Duration
    }

    static func decode(_ bytes: [UInt8], id: SessionID) throws(StoreError) -> Decoded {
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        guard let first = lines.first,
            let elements = try? JSONDecoder().decode([Scalar].self, from: Data(first)),
            (Self.fewest...Self.order.count).contains(elements.count)
        else { throw .corrupt("details of session \(id)") }
        var fields = Dictionary(uniqueKeysWithValues: zip(Self.order, elements))
        for line in lines.dropFirst() {
            guard let more = try? JSONDecoder().decode([String: Scalar].self, from: Data(line)) else {
                throw .corrupt("details of session \(id)")
            }
            fields.merge(more) { $1 }
        }
        guard let userText = fields["u"]?.text, let user = try? UserID(userText),
            let created = fields["c"]?.time, let absolute = fields["a"]?.time, let idle = fields["i"]?.number,
            let epoch = fields["e"]?.number.flatMap({ UInt64(exactly: $0) })
        else { throw .corrupt("details of session \(id)") }
        let session = LiveSession(
            id: id,
            user: user,
            organization: fields["o"]?.text.flatMap { $0.isEmpty ? nil : $0 },
            roles: Self.list(fields["r"]),
            factors: Self.list(fields["f"]),
            createdAt: created,
            authenticatedAt: fields["au"]?.time ?? created,
            absoluteDeadline: absolute,
            idleTimeout: .milliseconds(idle),
            epoch: epoch,
            isRemembered: fields["rm"]?.number == 1
        )
        func text(_ name: String) -> String? { fields[name]?.text.flatMap { $0.isEmpty ? nil : $0 } }
        var details = SessionDetails()
        details.displayName = text("dn")
        details.email = text("em")
        details.sessionName = text("sn")
        details.loginMethod = text("lm")
        details.ipAddress = text("ip")
        details.userAgent = text("ua")
        details.tokenSuffix = text("ts")
        var location = SessionLocation()
        location.country = text("co")
        location.region = text("re")
        location.city = text("ci")
        location.isp = text("isp")
        details.location = location.isEmpty ? nil : location
        var end: EndRecord?
        if let kind = fields["x"]?.text.flatMap({ EndKind(rawValue: $0) }), let at = fields["t"]?.time {
            end = EndRecord(Ending(kind, by: fields["by"]?.text, reason: fields["why"]?.text), at: at)
        }
        return Decoded(
            session: session,
            details: details,
            end: end,
            remainingAtEnd: .milliseconds(fields["p"]?.number ?? 0)
        )
    }

    private static func list(_ scalar: Scalar?) -> [String] {
        scalar?.text.map { $0.split(separator: ",").map(String.init) } ?? []
    }

    /// A text of the first line as it stands, with its escapes, found without parsing; `nil` when there is none.
    static func rawText(
        _ name: String,
        in bytes: UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer.SubSequence? {
        var element = 0
        var start: Int?
        var isEscaped = false
        for (position, byte) in bytes.enumerated() {
            if isEscaped {
                isEscaped = false
                continue
            }
            switch (byte, start) {
            case (UInt8(ascii: "\\"), .some): isEscaped = true
            case (UInt8(ascii: "\""), .some(let first)):
                if Self.order[element] == name { return bytes[first..<position] }
                start = nil
            case (UInt8(ascii: "\""), nil): start = position + 1
            case (UInt8(ascii: ","), nil):
                element += 1
                guard element < Self.order.count else { return nil }
            case (UInt8(ascii: "\n"), _): return nil
            default: break
            }
        }
        return nil
    }

    private enum Scalar: Decodable {
        case string(String)
        case integer(Int64)
        case null

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let string = try? container.decode(String.self) {
                self = .string(string)
            } else if let integer = try? container.decode(Int64.self) {
                self = .integer(integer)
            } else if container.decodeNil() {
                self = .null
            } else {
                throw DecodingError.dataCorruptedError(
                    in: container,
                    debugDescription: "neither text nor number"
                )
            }
        }

        var text: String? { if case .string(let text) = self { text } else { nil } }
        var number: Int64? { if case .integer(let number) = self { number } else { nil } }
        var time: Timestamp? { self.number.map { Timestamp(milliseconds: $0) } }
    }
}
