private import CHiredis
import NIOCore

/// Turns bytes into replies; hiredis does the parsing.
///
/// hiredis bounds the nesting (7) and knows the types of RESP2, but bounds neither the length of a reply, nor that
/// of a line, nor that of an array; all three are bounded here.
///
/// Neither copyable nor sendable: it belongs to one channel handler, and goes with it.
struct ReplyReader: ~Copyable {
    /// Feeding more at once makes hiredis move the rest of its buffer to the front again and again, after each
    /// kilobyte that it has parsed.
    static let sliceBytes = 16 << 10
    /// Lines (status, error, integer, and the headers of strings and arrays) are short; hiredis looks for their ends
    /// from the start after every feed.
    private static let maxLineBytes = 64 << 10

    private let reader: UnsafeMutablePointer<redisReader>?
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    private let maxReplyBytes: Int
    /// Bytes fed that no complete reply has accounted for.
    private var unfinishedBytes = 0

    /// A reader at the start of a stream.
    init(maxReplyBytes: Int) {
        self.maxReplyBytes = maxReplyBytes
        functions = .allocate(capacity: 1)
        functions.initialize(to: redisReplyObjectFunctions())
        reader = redisReaderCreate()
        if let reader { Self.limitArrays(of: reader, functions) }
    }

    deinit {
        if let reader { redisReaderFree(reader) }
        functions.deallocate()
    }

    /// Takes bytes from the connection, best in slices of ``sliceBytes``. Call ``next()`` until it gives nil before
    /// feeding again.
    mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(RedisError) {
        guard let reader else { throw RedisError(.protocolViolation, "no memory for a reply reader") }
        unfinishedBytes += bytes.count
        guard unfinishedBytes <= maxReplyBytes + Self.sliceBytes else {
            throw RedisError(.protocolViolation, "a reply of more than \(maxReplyBytes) bytes")
        }
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        guard redisReaderFeed(reader, base.assumingMemoryBound(to: CChar.self), bytes.count) == REDIS_OK
        else {
            throw Self.failure(of: reader)
        }
    }

    /// Takes bytes of a buffer.
    mutating func feed(_ bytes: ByteBufferView) throws(RedisError) {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(RedisError) in try feed(bytes) }
        }
        try result.get()
    }

    /// The next complete reply; nil when more bytes are needed.
    mutating func next() throws(RedisError) -> RedisValue? {
        guard let reader else { return nil }
        var pointer: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &pointer) == REDIS_OK else { throw Self.failure(of: reader) }
        guard let pointer else {
            guard Self.lineIsShort(in: reader) else {
                throw RedisError(.protocolViolation, "a line of more than \(Self.maxLineBytes) bytes")
            }
            return nil
        }
        defer { freeReplyObject(pointer) }
        unfinishedBytes = reader.pointee.len - reader.pointee.pos
        return Self.value(pointer.assumingMemoryBound(to: redisReply.self).pointee)
    }

    /// hiredis allocates an array as soon as it has read its length, so that fourteen bytes could cost 16 GiB.
    private static func limitArrays(
        of reader: UnsafeMutablePointer<redisReader>,
        _ functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    ) {
        guard let original = reader.pointee.fn else { return }
        functions.pointee = original.pointee
        functions.pointee.createArray = { task, count in
            let maxElements: Int32 = 1 << 20
            guard count <= maxElements, let original = task?.pointee.privdata else { return nil }
            return original.assumingMemoryBound(to: redisReplyObjectFunctions.self)
                .pointee.createArray(task, count)
        }
        reader.pointee.privdata = UnsafeMutableRawPointer(original)
        reader.pointee.fn = functions
    }

    /// Whether a line end is where one must be: a string's header has one within a few bytes, any other unfinished
    /// item has none at all.
    private static func lineIsShort(in reader: UnsafeMutablePointer<redisReader>) -> Bool {
        let start = reader.pointee.pos
        guard reader.pointee.len - start > maxLineBytes, let buffer = reader.pointee.buf else { return true }
        return UnsafeBufferPointer(start: buffer + start, count: maxLineBytes).contains(CChar(10))
    }

    private static func failure(of reader: UnsafeMutablePointer<redisReader>) -> RedisError {
        if reader.pointee.err == REDIS_ERR_OOM {
            return RedisError(.protocolViolation, "an array too long, or no memory")
        }
        let text = withUnsafeBytes(of: reader.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return RedisError(.protocolViolation, text)
    }

    private static func value(_ reply: redisReply) -> RedisValue {
        switch reply.type {
        case REDIS_REPLY_INTEGER: .integer(Int(reply.integer))
        case REDIS_REPLY_STATUS: .simple(String(decoding: bytes(of: reply), as: UTF8.self))
        case REDIS_REPLY_ERROR: .error(RedisError(reply: String(decoding: bytes(of: reply), as: UTF8.self)))
        case REDIS_REPLY_STRING: .bulk(ByteBuffer(bytes: bytes(of: reply)))
        case REDIS_REPLY_ARRAY:
            .array(
                UnsafeBufferPointer(start: reply.element, count: reply.element == nil ? 0 : reply.elements)
                    .map { element in element.map { value($0.pointee) } ?? .null }
            )
        default: .null
        }
    }

    private static func bytes(of reply: redisReply) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: reply.str, count: reply.str == nil ? 0 : reply.len)
    }
}
