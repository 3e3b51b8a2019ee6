private import CHiredis
import NIOCore

/// Writes commands as RESP; hiredis does the formatting.
enum CommandFormatter {
    /// Appends `command` to `buffer`; false when hiredis is out of memory.
    static func append(_ command: RedisCommand, to buffer: inout ByteBuffer) -> Bool {
        let count = command.ends.count
        return command.bytes.withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { arguments in
                withUnsafeTemporaryAllocation(of: Int.self, capacity: count) { lengths in
                    var start = 0
                    for (index, end) in command.ends.enumerated() {
                        arguments.initializeElement(
                            at: index,
                            to: bytes.baseAddress.map {
                                ($0 + start).assumingMemoryBound(to: CChar.self)
                            }
                        )
                        lengths.initializeElement(at: index, to: end - start)
                        start = end
                    }
                    return format(arguments, lengths, into: &buffer)
                }
            }
        }
    }

    private static func format(
        _ arguments: UnsafeMutableBufferPointer<UnsafePointer<CChar>?>,
        _ lengths: UnsafeMutableBufferPointer<Int>,
        into buffer: inout ByteBuffer
    ) -> Bool {
        var formatted: UnsafeMutablePointer<CChar>?
        let length = redisFormatCommandArgv(
            &formatted,
            Int32(arguments.count),
            arguments.baseAddress,
            lengths.baseAddress
        )
        guard length >= 0, let formatted else { return false }
        defer { redisFreeCommand(formatted) }
        buffer.writeBytes(UnsafeRawBufferPointer(start: formatted, count: Int(length)))
        return true
    }
}
