import SessionCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The details record: lines of JSON, each laid over those before.
///
/// The first line is written at creation and holds the session itself too, for the live record is gone once
/// the session has ended. An update adds a line, the end another, so that ending costs the same however much
/// there is. Names are short because a million of them are kept.
///
/// | name | what |
/// |---|---|
/// | `uk` `u` `c` `a` | user key, user id, created, absolute deadline: first, in this order, for the scripts |
/// | `i` `e` `rm` | idle timeout, epoch, 1 if remembered |
/// | `o` `r` `f` `au` | organisation, roles, factors (joined by commas), authenticated if not at creation |
/// | `dn` `em` `sn` `lm` `ip` `ua` `ts` | display name, e-mail, session name, login method, address, user agent, last 8 characters of the token |
/// | `x` `t` `by` `why` `p` | how it ended, when, by whom, why; what its TTL had left |
struct DetailsCodec {
    /// What comes before and after the value of `c`, which the script puts in.
    static func encode(_ order: CreateOrder) -> (head: String, rest: String) {
        let request = order.request
        var head = JSONObjectWriter()
        head.field("uk", request.user.key)
        head.field("u", request.user.text)
        head.name("c")

        var rest = JSONObjectWriter()
        rest.field("a", order.absoluteDeadline.milliseconds)
        rest.field("i", order.idleTimeout.inMilliseconds)
        rest.field("e", order.epoch)
        if request.remember { rest.field("rm", 1) }
        rest.field("o", request.organization)
        if !request.roles.isEmpty { rest.field("r", request.roles.joined(separator: ",")) }
        if !request.factors.isEmpty { rest.field("f", request.factors.joined(separator: ",")) }
        let details = request.details
        rest.field("dn", details.displayName)
        rest.field("em", details.email)
        rest.field("sn", details.sessionName)
        rest.field("lm", details.loginMethod)
        rest.field("ip", details.ipAddress)
        rest.field("ua", details.userAgent.map { SessionDetails.trimmed(userAgent: $0) })
        rest.field("ts", details.tokenSuffix)
        return ("{" + head.text, "," + rest.text + "}")
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
        var fields: [String: Scalar] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
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
        var details = SessionDetails()
        details.displayName = fields["dn"]?.text
        details.email = fields["em"]?.text
        details.sessionName = fields["sn"]?.text.flatMap { $0.isEmpty ? nil : $0 }
        details.loginMethod = fields["lm"]?.text
        details.ipAddress = fields["ip"]?.text
        details.userAgent = fields["ua"]?.text
        details.tokenSuffix = fields["ts"]?.text
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
