extension IPAddress {
    /// Reads an address as programs write it that know it with a port: `192.0.2.1:80`, `[2001:db8::1]:80`, and the same
    /// without one. The port, 0 to 65535, does not count. `nil` for anything else.
    public init?(withPort text: some StringProtocol) {
        if text.first == "[" {
            let inner = text.dropFirst().prefix { $0 != "]" }
            let rest = text[inner.endIndex...]
            guard rest.first == "]", Self.isPort(rest.dropFirst()) else { return nil }
            self.init(inner)
        } else if text.utf8.count(where: { $0 == UInt8(ascii: ":") }) == 1 {
            let address = text.prefix { $0 != ":" }
            guard Self.isPort(text[address.endIndex...]) else { return nil }
            self.init(address)
        } else {
            self.init(text)
        }
    }

    /// Whether it is a colon and a port, or nothing.
    private static func isPort(_ text: some StringProtocol) -> Bool {
        guard let colon = text.utf8.first else { return true }
        let digits = text.utf8.dropFirst()
        return colon == UInt8(ascii: ":") && (1...5).contains(digits.count)
            && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            && UInt16(String(text.dropFirst())) != nil
    }
}
