/// Why a command has no (good) reply.
package struct RedisError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What became of the command.
    package enum Code: Sendable {
        /// There is no usable connection; the command was never sent.
        case unavailable
        /// The connection's queue is full; the command was never sent.
        case overloaded
        /// No reply came in time; the command may have been executed.
        case deadlineExceeded
        /// The connection closed while the reply was awaited; the command may have been executed.
        case connectionLost
        /// The caller's task was cancelled; the command may have been executed.
        case cancelled
        /// The peer does not speak RESP2, or sent more than it may; the command may have been executed.
        case protocolViolation
        /// Redis answered with an error.
        case server
    }

    /// What became of the command.
    package let code: Code
    /// The first word of an error reply (`ERR`, `NOSCRIPT`, `LOADING`, `READONLY`, `OOM`, …); empty for other codes.
    package let prefix: String
    /// What happened, for logs. Never holds a command's arguments.
    package let message: String

    /// An error of this side.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.prefix = ""
        self.message = message
    }

    /// An error reply: its first word is the prefix when it is written in capitals, as Redis' error codes are.
    package init(reply: String) {
        code = .server
        let word = reply.utf8.prefix { $0 != UInt8(ascii: " ") }
        let isCode =
            word.first.map(Self.isCapital) == true
            && word.allSatisfy { Self.isCapital($0) || $0 == UInt8(ascii: "_") || Self.isDigit($0) }
        prefix = isCode ? String(decoding: word, as: UTF8.self) : "ERR"
        message = reply
    }

    private static func isCapital(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Whether the command may have changed something although it failed. False means: it certainly was not
    /// carried out, so that repeating it is safe.
    ///
    /// An error reply counts as refused. A script that fails half way keeps what it wrote before, so scripts must
    /// examine everything before their first write.
    package var mayHaveExecuted: Bool {
        switch code {
        case .unavailable, .overloaded, .server: false
        case .deadlineExceeded, .connectionLost, .cancelled, .protocolViolation: true
        }
    }

    /// For logs.
    package var description: String { "\(code): \(message)" }
}
