import NIOCore
package import RedisClient
package import SessionCore

/// The live record's bytes. Numbers are big-endian, times in milliseconds.
///
/// | bytes | what |
/// |---|---|
/// | 1 | version, 1 |
/// | 1 | flags: 1 remembered, 2 rotated |
/// | 8 | epoch |
/// | 32 | SHA-256 of the verifier |
/// | 32 + 8 | if rotated: the digest before, and until when it is honored |
/// | 8 + 8 | created, authenticated: put in by the script, which has Redis's time |
/// | 8 + 8 | absolute deadline, idle timeout |
/// | 4 × (2 + n) | user, organization (empty for none), roles, factors (each entry behind its length in a byte) |
///
/// `Lua/fragment_record.lua` reads and writes the same bytes.
package enum RecordCodec {
    static let version: UInt8 = 1
    static let rememberedFlag: UInt8 = 1
    static let rotatedFlag: UInt8 = 2

    /// What comes before *created*.
    static func head(_ order: CreateOrder) -> [UInt8] {
        var bytes: [UInt8] = [Self.version, order.request.remember ? Self.rememberedFlag : 0]
        Self.append(order.epoch, to: &bytes)
        bytes += order.verifierDigest.bytes
        return bytes
    }

    /// What comes after *authenticated*.
    static func rest(_ order: CreateOrder) -> [UInt8] {
        var bytes: [UInt8] = []
        Self.append(UInt64(clamping: order.absoluteDeadline.milliseconds), to: &bytes)
        Self.append(UInt64(clamping: order.idleTimeout.inMilliseconds), to: &bytes)
        for section in [
            Array(order.request.user.text.utf8), Array((order.request.organization ?? "").utf8),
            Self.list(order.request.roles), Self.list(order.request.factors),
        ] {
            Self.append(UInt16(clamping: section.count), to: &bytes)
            bytes += section
        }
        return bytes
    }

    /// The section of a list of roles or factors.
    static func list(_ entries: [String]) -> [UInt8] {
        entries.flatMap { [UInt8(clamping: $0.utf8.count)] + Array($0.utf8) }
    }

    /// A whole record, for tests and for what does not go through a script.
    package static func encode(_ record: SessionRecord) -> [UInt8] {
        let session = record.session
        var request = NewSession(user: session.user)
        request.organization = session.organization
        request.roles = session.roles
        request.factors = session.factors
        request.remember = session.isRemembered
        let order = CreateOrder(
            request: request,
            id: session.id,
            verifierDigest: record.verifierDigest,
            idleTimeout: session.idleTimeout,
            absoluteDeadline: session.absoluteDeadline,
            now: session.createdAt,
            epoch: session.epoch,
            limit: 0,
            behavior: .deny,
            replacing: nil
        )
        var bytes = Self.head(order)
        if let previous = record.previousDigest {
            bytes[1] |= Self.rotatedFlag
            bytes += previous.bytes
            Self.append(UInt64(clamping: record.graceDeadline.milliseconds), to: &bytes)
        }
        Self.append(UInt64(clamping: session.createdAt.milliseconds), to: &bytes)
        Self.append(UInt64(clamping: session.authenticatedAt.milliseconds), to: &bytes)
        return bytes + Self.rest(order)
    }

    /// Reads the answer to the store's read command.
    /// - Returns: `nil` when there is no such record.
    package static func decode(_ value: RedisValue, id: SessionID) throws(StoreError) -> SessionRecord? {
        switch value {
        case .null: return nil
        case .bulk(let buffer):
            guard let record = buffer.withUnsafeReadableBytes({ Self.decode($0, id: id) }) else {
                throw .corrupt("live record of session \(id)")
            }
            return record
        case .error(let error): throw StoreError(error)
        case .integer, .simple, .array: throw .corrupt("live record of session \(id)")
        }
    }

    /// Reads a record; `nil` when the bytes are none.
    package static func decode(_ bytes: UnsafeRawBufferPointer, id: SessionID) -> SessionRecord? {
        var reader = ByteReader(bytes)
        guard reader.integer(UInt8.self) == Self.version,
            let flags = reader.integer(UInt8.self), flags & ~(Self.rememberedFlag | Self.rotatedFlag) == 0,
            let epoch = reader.integer(UInt64.self),
            let verifier = reader.bytes(32).flatMap({ Digest256(loading: $0) })
        else { return nil }
        var previous: Digest256?
        var grace = Timestamp(milliseconds: 0)
        if flags & Self.rotatedFlag != 0 {
            guard let digest = reader.bytes(32).flatMap({ Digest256(loading: $0) }),
                let deadline = Self.time(&reader)
            else { return nil }
            previous = digest
            grace = deadline
        }
        guard let created = Self.time(&reader), let authenticated = Self.time(&reader),
            let absolute = Self.time(&reader), let idle = Self.time(&reader),
            let user = reader.integer(UInt16.self).flatMap({ reader.text(Int($0)) }),
            let userID = try? UserID(user),
            let organization = reader.integer(UInt16.self).flatMap({ reader.text(Int($0)) }),
            let roles = Self.list(&reader), let factors = Self.list(&reader), reader.isAtEnd
        else { return nil }
        return SessionRecord(
            session: LiveSession(
                id: id,
                user: userID,
                organization: organization.isEmpty ? nil : organization,
                roles: roles,
                factors: factors,
                createdAt: created,
                authenticatedAt: authenticated,
                absoluteDeadline: absolute,
                idleTimeout: .milliseconds(idle.milliseconds),
                epoch: epoch,
                isRemembered: flags & Self.rememberedFlag != 0
            ),
            verifierDigest: verifier,
            previousDigest: previous,
            graceDeadline: grace
        )
    }

    /// Lua counts in doubles: what is beyond 2⁵³ was not written by us.
    private static func time(_ reader: inout ByteReader) -> Timestamp? {
        guard let value = reader.integer(UInt64.self), value < 1 << 53 else { return nil }
        return Timestamp(milliseconds: Int64(value))
    }

    private static func list(_ reader: inout ByteReader) -> [String]? {
        guard let count = reader.integer(UInt16.self), let bytes = reader.bytes(Int(count)) else {
            return nil
        }
        var section = ByteReader(bytes)
        var entries: [String] = []
        while !section.isAtEnd {
            guard let length = section.integer(UInt8.self), let entry = section.text(Int(length)) else {
                return nil
            }
            entries.append(entry)
        }
        return entries
    }

    private static func append(_ integer: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: integer.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
