/// The parameters of a request's query. A name that the route does not know, or one that is there twice, is
/// refused: a misspelt filter of a revocation must not widen it.
struct Query: Sendable {
    private var values: [String: String] = [:]

    /// - Parameters:
    ///   - query: the raw query, without the question mark.
    ///   - allowed: the names that may occur.
    /// - Throws: ``Problem`` 400 that names the parameter.
    init(_ query: String?, allowed: Set<String>) throws(Problem) {
        for pair in (query ?? "").utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(
                separator: UInt8(ascii: "="),
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            guard let name = parts.first.flatMap({ Self.decode($0) }),
                let value = parts.count > 1 ? Self.decode(parts[1]) : ""
            else { throw .badParameter("query", "is not percent-encoded UTF-8") }
            guard allowed.contains(name) else {
                throw .badParameter(String(name.prefix(64)), "is not a parameter of this request")
            }
            guard self.values.updateValue(value, forKey: name) == nil else {
                throw .badParameter(name, "must not be given twice")
            }
        }
    }

    /// The value of a parameter.
    subscript(name: String) -> String? { self.values[name] }

    /// A number within limits.
    func integer(_ name: String, in range: ClosedRange<Int>, default value: Int) throws(Problem) -> Int {
        guard let text = self.values[name] else { return value }
        guard let number = Int(text), range.contains(number) else {
            throw .badParameter(name, "must be \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// `true` or `false`; `false` when absent.
    func flag(_ name: String) throws(Problem) -> Bool {
        switch self.values[name] {
        case nil, "false": return false
        case "true": return true
        default: throw .badParameter(name, "must be true or false")
        }
    }

    /// Resolves `%XX` and `+`; `nil` when that is not possible or gives no UTF-8.
    static func decode(_ text: some Sequence<UInt8>, plusIsSpace: Bool = true) -> String? {
        var bytes: [UInt8] = []
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(Self.digit),
                    let low = iterator.next().flatMap(Self.digit)
                else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
