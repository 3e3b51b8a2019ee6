/// Finds a cookie in the value of a `Cookie` header without copying. The hot path and the routes both use it,
/// so that they cannot disagree.
package enum CookieScanner {
    /// How often a cookie occurs, and where its first value lies.
    package struct Found: Sendable, Equatable {
        /// How many cookies have the name.
        package var count = 0
        /// Offsets of the first one's value. Nothing is unquoted or decoded.
        package var value = 0..<0
    }

    /// Looks for `name`, compared byte for byte, in a list of pairs separated by semicolons. Spaces and tabs
    /// around a pair do not belong to it; those around its `=` do.
    package static func find(_ name: [UInt8], in header: UnsafeBufferPointer<UInt8>) -> Found {
        var found = Found()
        guard let bytes = header.baseAddress else { return found }
        let end = header.count
        name.withUnsafeBufferPointer { name in
            guard let nameBytes = name.baseAddress else { return }
            var position = 0
            while position < end {
                while position < end, isBlank(bytes[position]) { position += 1 }
                let pairEnd = ByteScan.firstSemicolon(bytes, from: position, to: end)
                let valueStart = position + name.count + 1
                if valueStart <= pairEnd, bytes[valueStart - 1] == UInt8(ascii: "="),
                    ByteScan.areEqual(bytes + position, nameBytes, name.count)
                {
                    found.count += 1
                    if found.count == 1 {
                        var valueEnd = pairEnd
                        while valueEnd > valueStart, isBlank(bytes[valueEnd - 1]) { valueEnd -= 1 }
                        found.value = valueStart..<valueEnd
                    }
                }
                position = pairEnd + 1
            }
        }
        return found
    }

    @inline(__always)
    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
