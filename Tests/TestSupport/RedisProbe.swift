import Foundation

/// A second pair of eyes on a test's Redis: a small blocking client of its own, so that what a test finds out does
/// not depend on the code under test.
package final class RedisProbe {
    /// A reply.
    package indirect enum Reply: Sendable {
        case text(String)
        case error(String)
        case integer(Int)
        case bytes([UInt8])
        case array([Reply])
        case null

        /// A text or bulk reply as a string.
        package var string: String? {
            switch self {
            case .text(let text), .error(let text): text
            case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
            case .integer(let number): String(number)
            case .array, .null: nil
            }
        }
        /// An integer reply.
        package var integer: Int? { if case .integer(let number) = self { number } else { nil } }
        /// An array's strings.
        package var strings: [String] {
            if case .array(let replies) = self { replies.compactMap(\.string) } else { [] }
        }
    }

    /// The connection ended, or nothing came for a minute.
    package struct Lost: Error {}

    private let descriptor: Int32
    private var input: [UInt8] = []
    private var position = 0

    /// Connects to a unix socket.
    package init(_ server: RedisServer) throws {
        #if canImport(Glibc)
            descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #else
            descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) {
            $0.copyBytes(from: server.socketPath.utf8.prefix(107))
        }
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard isConnected else {
            close(descriptor)
            throw Lost()
        }
    }

    deinit { close(descriptor) }

    /// Runs a command. Error replies are returned, not thrown.
    @discardableResult
    package func run(_ arguments: String...) throws -> Reply { try run(arguments) }

    /// Runs a command.
    @discardableResult
    package func run(_ arguments: [String]) throws -> Reply {
        try send(arguments)
        let reply = try reply()
        if position == input.count {
            input.removeAll(keepingCapacity: true)
            position = 0
        }
        return reply
    }

    /// Sends a command without waiting for its reply.
    package func send(_ arguments: [String]) throws {
        var bytes = Array("*\(arguments.count)\r\n".utf8)
        for argument in arguments { bytes += Array("$\(argument.utf8.count)\r\n\(argument)\r\n".utf8) }
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                systemSend(
                    descriptor,
                    $0.baseAddress.map { $0 + sent },
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { throw Lost() }
            sent += count
        }
    }

    /// How often each command has been called, from `INFO commandstats`.
    package func calls() throws -> [String: Int] {
        var result: [String: Int] = [:]
        for line in (try run("INFO", "commandstats").string ?? "").split(whereSeparator: \.isNewline) {
            guard line.hasPrefix("cmdstat_"), let colon = line.firstIndex(of: ":"),
                let count = line[colon...].dropFirst(7).split(separator: ",").first.flatMap({ Int($0) })
            else { continue }
            result[String(line[..<colon].dropFirst(8))] = count
        }
        return result
    }

    private func reply() throws -> Reply {
        let line = try line()
        let rest = String(line.dropFirst())
        switch line.first {
        case "+": return .text(rest)
        case "-": return .error(rest)
        case ":": return .integer(Int(rest) ?? 0)
        case "$":
            guard let count = Int(rest), count >= 0 else { return .null }
            try fill(count + 2)
            defer { position += count + 2 }
            return .bytes(Array(input[position..<(position + count)]))
        case "*":
            guard let count = Int(rest), count >= 0 else { return .null }
            return .array(try (0..<count).map { _ in try reply() })
        default: throw Lost()
        }
    }

    private func line() throws -> String {
        var end = position
        while true {
            try fill(end - position + 2)
            if input[end] == 0x0D { break }
            end += 1
        }
        defer { position = end + 2 }
        return String(decoding: input[position..<end], as: UTF8.self)
    }

    /// Reads until that many bytes lie after the position.
    private func fill(_ count: Int) throws {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while input.count - position < count {
            let read = recv(descriptor, &buffer, buffer.count, 0)
            guard read > 0 else { throw Lost() }
            input += buffer.prefix(read)
        }
    }
}
