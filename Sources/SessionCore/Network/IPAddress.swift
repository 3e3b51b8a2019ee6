/// An IP address, version 4 or 6. An IPv4 address in IPv6 clothes (`::ffff:192.0.2.1`) is the IPv4 address.
public struct IPAddress: Hashable, Sendable {
    /// 32 or 128 bits.
    let bits: UInt128
    /// 32 or 128.
    let width: Int

    private init(v4 bits: UInt32) {
        self.bits = UInt128(bits)
        self.width = 32
    }

    private init(v6 bits: UInt128) {
        let isMapped = bits >> 32 == 0xFFFF
        self.bits = isMapped ? bits & 0xFFFF_FFFF : bits
        self.width = isMapped ? 32 : 128
    }

    /// Reads dotted decimals without leading zeros, which some read as octal, or the forms of RFC 4291 2.2 without
    /// a zone; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 45 else { return nil }
        if let bits = Self.dotted(bytes[...]) {
            self.init(v4: bits)
        } else if let bits = Self.groups(bytes) {
            self.init(v6: bits)
        } else {
            return nil
        }
    }

    private static func dotted(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else {
                return nil
            }
            var value: UInt32 = 0
            for byte in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + UInt32(byte - UInt8(ascii: "0"))
            }
            guard value < 256 else { return nil }
            bits = bits << 8 | value
        }
        return bits
    }

    /// Eight groups; `::`, once, stands for as many zeros as are missing, and at least one.
    private static func groups(_ text: [UInt8]) -> UInt128? {
        let colon = UInt8(ascii: ":")
        let gap = text.indices.dropLast().first { text[$0] == colon && text[$0 + 1] == colon }
        guard let gap else {
            guard let all = Self.list(text[...], endsAddress: true), all.count == 8 else { return nil }
            return Self.bits(all)
        }
        guard let head = Self.list(text[..<gap], endsAddress: false),
            let tail = Self.list(text[(gap + 2)...], endsAddress: true), head.count + tail.count < 8
        else { return nil }
        let zeros = [UInt16](repeating: 0, count: 8 - head.count - tail.count)
        return Self.bits(head + zeros + tail)
    }

    /// Groups with colons between them; the last two of an address may be written as dotted decimals.
    private static func list(_ text: ArraySlice<UInt8>, endsAddress: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if endsAddress, index == parts.count - 1, let bits = Self.dotted(part) {
                groups += [UInt16(truncatingIfNeeded: bits >> 16), UInt16(truncatingIfNeeded: bits)]
                continue
            }
            guard (1...4).contains(part.count), let group = Self.hexadecimal(part) else { return nil }
            groups.append(group)
        }
        return groups
    }

    private static func hexadecimal(_ text: ArraySlice<UInt8>) -> UInt16? {
        var value: UInt16 = 0
        for byte in text {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }

    private static func bits(_ groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }
}

extension IPAddress: CustomStringConvertible {
    /// As RFC 5952 writes it: small letters, `::` for the first of the longest runs of zeros.
    public var description: String {
        guard self.width == 128 else {
            return [24, 16, 8, 0].map { String(self.bits >> UInt128($0) & 0xFF) }.joined(separator: ".")
        }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: self.bits >> UInt128(112 - 16 * $0)) }
        var longest = 0..<0
        var start = 0
        for index in 0...8 where index == 8 || groups[index] != 0 {
            if index - start > longest.count { longest = start..<index }
            start = index + 1
        }
        func text(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard longest.count > 1 else { return text(0..<8) }
        return text(0..<longest.lowerBound) + "::" + text(longest.upperBound..<8)
    }
}

/// An address or a block of addresses in CIDR notation: `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`.
public struct IPNetwork: Hashable, Sendable {
    private let bits: UInt128
    private let width: Int
    private let prefix: Int

    /// Reads an address, alone or with `/` and the length of its prefix, 0 to 32 or 128; `nil` for anything else.
    /// Bits behind the prefix do not count: `192.0.2.7/24` is `192.0.2.0/24`.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress($0) }) else { return nil }
        var prefix = address.width
        if parts.count == 2 {
            let digits = parts[1].utf8
            guard (1...3).contains(digits.count), digits.count == 1 || digits.first != UInt8(ascii: "0"),
                digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let length = Int(parts[1])
            else { return nil }
            // An IPv4 block in IPv6 clothes counts the 96 bits before the address.
            let isMapped = address.width == 32 && parts[0].utf8.contains(UInt8(ascii: ":"))
            prefix = isMapped ? length - 96 : length
            guard (0...address.width).contains(prefix) else { return nil }
        }
        self.width = address.width
        self.prefix = prefix
        self.bits = Self.masked(address.bits, address.width - prefix)
    }

    /// Whether the address lies in the block. IPv4 and IPv6 never match each other.
    public func contains(_ address: IPAddress) -> Bool {
        address.width == self.width
            && Self.masked(address.bits, self.width - self.prefix) == self.bits
    }

    private static func masked(_ bits: UInt128, _ count: Int) -> UInt128 {
        // A shift by the whole width gives 0.
        (bits >> UInt128(count)) << UInt128(count)
    }
}
