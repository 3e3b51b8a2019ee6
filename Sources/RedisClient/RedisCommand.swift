/// One command with its arguments, and the key it is routed by.
///
/// All arguments lie behind each other in one buffer; only their ends are remembered. The buffer becomes RESP when
/// the command is sent.
package struct RedisCommand: Sendable {
    /// The name and the arguments, without separators.
    private(set) var bytes: [UInt8]
    /// Where each argument ends in ``bytes``; the first is the command's name.
    private(set) var ends: [Int]
    /// The first key, or the one given to ``routed(by:)``.
    private(set) var route: RedisKey?

    /// Starts a command such as `GETEX`. A name of two words (`CLIENT SETNAME`) is a name and an argument.
    package init(_ name: String) {
        bytes = []
        ends = []
        bytes.reserveCapacity(128)
        ends.reserveCapacity(8)
        append(name.utf8)
    }

    /// Appends `key` as an argument; the first key of a command is the one it is routed by.
    package consuming func key(_ key: RedisKey) -> RedisCommand {
        append(key.bytes)
        if route == nil { route = key }
        return self
    }

    /// Appends the UTF-8 bytes of `string`.
    package consuming func arg(_ string: String) -> RedisCommand {
        append(string.utf8)
        return self
    }

    /// Appends `int` in decimal.
    package consuming func arg(_ int: Int) -> RedisCommand {
        append(String(int).utf8)
        return self
    }

    /// Appends `int` in decimal.
    package consuming func arg(_ int: Int64) -> RedisCommand { arg(Int(int)) }

    /// Appends bytes as they are.
    package consuming func arg(bytes: some Collection<UInt8>) -> RedisCommand {
        append(bytes)
        return self
    }

    /// Says where a command without a key belongs (`PUBLISH`, `TIME`): to the node that holds `key`.
    package consuming func routed(by key: RedisKey) -> RedisCommand {
        route = key
        return self
    }

    /// The Cluster slot to send to, 0..<16384; nil when any node will do.
    package var slot: UInt16? { route?.slot }

    /// The command's name, for logs and errors; never its arguments, which may be secret.
    package var name: String {
        ends.first.map { String(decoding: bytes[..<$0], as: UTF8.self) } ?? ""
    }

    private mutating func append(_ argument: some Collection<UInt8>) {
        bytes.append(contentsOf: argument)
        ends.append(bytes.count)
    }
}
