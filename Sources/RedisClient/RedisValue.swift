package import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A reply (RESP2).
package enum RedisValue: Sendable, Equatable {
    /// A null bulk string or a null array: there is no such thing.
    case null
    case integer(Int)
    /// A status line such as `OK`.
    case simple(String)
    /// A string of bytes.
    case bulk(ByteBuffer)
    case array([RedisValue])
    /// An error reply; only found inside an array or a pipeline's replies, elsewhere it is thrown.
    case error(RedisError)
}

extension RedisValue {
    /// The integer, also of a string that holds nothing but one.
    package var int: Int? {
        switch self {
        case .integer(let value): value
        case .simple(let text): Int(text)
        case .bulk(let buffer): Int(String(buffer: buffer))
        case .null, .array, .error: nil
        }
    }

    /// The text of a status or of a string; bytes that are not UTF-8 are repaired.
    package var string: String? {
        switch self {
        case .simple(let text): text
        case .bulk(let buffer): String(buffer: buffer)
        case .integer(let value): String(value)
        case .null, .array, .error: nil
        }
    }

    /// The bytes of a string or of a status.
    package var bytes: [UInt8]? {
        switch self {
        case .bulk(let buffer): Array(buffer.readableBytesView)
        case .simple(let text): Array(text.utf8)
        case .null, .integer, .array, .error: nil
        }
    }

    /// Whether this is a string of exactly these bytes.
    package func holds(_ bytes: [UInt8]) -> Bool {
        guard case .bulk(let buffer) = self, buffer.readableBytes == bytes.count else { return false }
        return buffer.withUnsafeReadableBytes { own in
            bytes.withUnsafeBytes { other in
                guard let first = own.baseAddress, let second = other.baseAddress else { return true }
                return memcmp(first, second, own.count) == 0
            }
        }
    }

    /// The elements of an array.
    package var elements: [RedisValue]? {
        switch self {
        case .array(let values): values
        case .null, .integer, .simple, .bulk, .error: nil
        }
    }

    /// The error, if this is an error reply.
    package var serverError: RedisError? {
        switch self {
        case .error(let error): error
        case .null, .integer, .simple, .bulk, .array: nil
        }
    }
}
