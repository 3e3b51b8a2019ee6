/// Why a text is not JSON that we take.
package enum JSONFault: String, Error, Sendable {
    case encoding = "must be UTF-8"
    case syntax = "is not JSON"
    case depth = "is nested too deep"
    case duplicate = "has the same name twice in an object"
    case character = "contains a NUL or a lone surrogate"
}

/// Examines JSON before it is decoded. Decoders differ in what they do with duplicate names, lone surrogates and
/// deep nesting; two programs that read the same text differently are a hole, so such text is refused.
package struct JSONScanner {
    /// Deepest nesting of arrays and objects.
    package static let maximumDepth = 32

    private let bytes: [UInt8]
    private var position = 0
    private var members: [String: Range<Int>] = [:]
    private let refusesEquivalents: Bool

    private init(_ bytes: [UInt8], refusesEquivalents: Bool) {
        self.bytes = bytes
        self.refusesEquivalents = refusesEquivalents
    }

    /// Examines one JSON text.
    /// - Parameter refusesEquivalents: names of other bytes that Unicode takes for the same text count as the same name:
    ///   for text that is decoded into dictionaries, which have room for one of them.
    /// - Returns: if the text is an object, where the value of each of its members lies; otherwise `nil`.
    package static func scan(
        _ bytes: [UInt8],
        refusesEquivalents: Bool = false
    ) throws(JSONFault) -> [String: Range<Int>]? {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .encoding }
        var scanner = JSONScanner(bytes, refusesEquivalents: refusesEquivalents)
        scanner.skipSpace()
        let isObject = scanner.next == UInt8(ascii: "{")
        try scanner.value(depth: 0)
        scanner.skipSpace()
        guard scanner.next == nil else { throw .syntax }
        return isObject ? scanner.members : nil
    }

    private var next: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

    private mutating func take() throws(JSONFault) -> UInt8 {
        guard let byte = self.next else { throw .syntax }
        self.position += 1
        return byte
    }

    private mutating func expect(_ text: StaticString) throws(JSONFault) {
        for index in 0..<text.utf8CodeUnitCount {
            guard try self.take() == text.utf8Start[index] else { throw .syntax }
        }
    }

    private mutating func skipSpace() {
        while let byte = self.next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            self.position += 1
        }
    }

    private mutating func value(depth: Int) throws(JSONFault) {
        guard depth <= Self.maximumDepth else { throw .depth }
        switch self.next {
        case UInt8(ascii: "{"): try self.object(depth: depth)
        case UInt8(ascii: "["): try self.array(depth: depth)
        case UInt8(ascii: "\""): _ = try self.string()
        case UInt8(ascii: "t"): try self.expect("true")
        case UInt8(ascii: "f"): try self.expect("false")
        case UInt8(ascii: "n"): try self.expect("null")
        default: try self.number()
        }
    }

    private mutating func object(depth: Int) throws(JSONFault) {
        self.position += 1
        var names: Set<[UInt8]> = []
        var texts: Set<String> = []
        self.skipSpace()
        if self.next == UInt8(ascii: "}") {
            self.position += 1
            return
        }
        while true {
            self.skipSpace()
            let name = try self.string()
            guard names.insert(name).inserted else { throw .duplicate }
            if self.refusesEquivalents {
                guard texts.insert(String(decoding: name, as: UTF8.self)).inserted else { throw .duplicate }
            }
            self.skipSpace()
            try self.expect(":")
            self.skipSpace()
            let start = self.position
            try self.value(depth: depth + 1)
            if depth == 0 { self.members[String(decoding: name, as: UTF8.self)] = start..<self.position }
            self.skipSpace()
            switch try self.take() {
            case UInt8(ascii: ","): continue
            case UInt8(ascii: "}"): return
            default: throw .syntax
            }
        }
    }

    private mutating func array(depth: Int) throws(JSONFault) {
        self.position += 1
        self.skipSpace()
        if self.next == UInt8(ascii: "]") {
            self.position += 1
            return
        }
        while true {
            self.skipSpace()
            try self.value(depth: depth + 1)
            self.skipSpace()
            switch try self.take() {
            case UInt8(ascii: ","): continue
            case UInt8(ascii: "]"): return
            default: throw .syntax
            }
        }
    }

    /// Reads a string.
    /// - Returns: its UTF-8, escapes resolved, so that `"a"` and `"\u0061"` are the same name.
    private mutating func string() throws(JSONFault) -> [UInt8] {
        try self.expect("\"")
        var result: [UInt8] = []
        while true {
            switch try self.take() {
            case UInt8(ascii: "\""): return result
            case UInt8(ascii: "\\"): try self.escape(into: &result)
            case 0: throw .character
            case ..<0x20: throw .syntax
            case let byte: result.append(byte)
            }
        }
    }

    private mutating func escape(into result: inout [UInt8]) throws(JSONFault) {
        switch try self.take() {
        case UInt8(ascii: "\""): result.append(UInt8(ascii: "\""))
        case UInt8(ascii: "\\"): result.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "/"): result.append(UInt8(ascii: "/"))
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"):
            var code = try self.codeUnit()
            if (0xD800..<0xDC00).contains(code) {
                guard self.next == UInt8(ascii: "\\") else { throw .character }
                self.position += 1
                guard self.next == UInt8(ascii: "u") else { throw .character }
                self.position += 1
                let low = try self.codeUnit()
                guard (0xDC00..<0xE000).contains(low) else { throw .character }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard code != 0, let scalar = Unicode.Scalar(code) else { throw .character }
            result.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
        default: throw .syntax
        }
    }

    private mutating func codeUnit() throws(JSONFault) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            switch try self.take() {
            case let digit where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit):
                code = code << 4 | UInt32(digit - UInt8(ascii: "0"))
            case let digit where (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(digit | 0x20):
                code = code << 4 | UInt32((digit | 0x20) - UInt8(ascii: "a") + 10)
            default: throw .syntax
            }
        }
        return code
    }

    private mutating func number() throws(JSONFault) {
        if self.next == UInt8(ascii: "-") { self.position += 1 }
        if self.next == UInt8(ascii: "0") { self.position += 1 } else { try self.digits() }
        if self.next == UInt8(ascii: ".") {
            self.position += 1
            try self.digits()
        }
        if let byte = self.next, byte | 0x20 == UInt8(ascii: "e") {
            self.position += 1
            if let sign = self.next, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                self.position += 1
            }
            try self.digits()
        }
    }

    private mutating func digits() throws(JSONFault) {
        let start = self.position
        while let byte = self.next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            self.position += 1
        }
        guard self.position > start else { throw .syntax }
    }
}
