import Crypto

/// A Lua script with the digest by which Redis caches it.
package struct RedisScript: Sendable {
    /// For logs and metrics.
    package let name: String
    /// The Lua text.
    package let source: String
    /// SHA-1 of the source in lower-case hexadecimal: what `EVALSHA` takes. It identifies, it protects nothing.
    package let sha1: String

    /// Computes the digest once.
    package init(name: String, source: String) {
        self.name = name
        self.source = source
        let digits = Array("0123456789abcdef".utf8)
        var hexadecimal: [UInt8] = []
        for byte in Insecure.SHA1.hash(data: Array(source.utf8)) {
            hexadecimal.append(digits[Int(byte >> 4)])
            hexadecimal.append(digits[Int(byte & 15)])
        }
        sha1 = String(decoding: hexadecimal, as: UTF8.self)
    }
}

/// One argument (an `ARGV` entry) of a script.
package enum RedisArgument: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case string(String)
    case bytes([UInt8])
    case integer(Int)

    /// `"text"`.
    package init(stringLiteral value: String) { self = .string(value) }

    /// `42`.
    package init(integerLiteral value: Int) { self = .integer(value) }
}

/// A script with the keys and arguments to call it with.
package struct ScriptCall: Sendable {
    /// The script.
    package let script: RedisScript
    /// Every key that the script touches, all in one slot.
    package let keys: [RedisKey]
    /// The arguments.
    package let arguments: [RedisArgument]

    /// A call.
    package init(_ script: RedisScript, keys: [RedisKey], arguments: [RedisArgument] = []) {
        self.script = script
        self.keys = keys
        self.arguments = arguments
    }

    /// `EVALSHA`: by digest.
    package var byDigest: RedisCommand { command("EVALSHA", script.sha1) }

    /// `EVAL`: with the source, which Redis caches from then on.
    package var bySource: RedisCommand { command("EVAL", script.source) }

    private func command(_ name: String, _ script: String) -> RedisCommand {
        var command = RedisCommand(name).arg(script).arg(keys.count)
        for key in keys { command = command.key(key) }
        for argument in arguments {
            switch argument {
            case .string(let string): command = command.arg(string)
            case .bytes(let bytes): command = command.arg(bytes: bytes)
            case .integer(let integer): command = command.arg(integer)
            }
        }
        return command
    }
}
