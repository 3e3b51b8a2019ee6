import SessionCore

/// A cheap look at a details record that has not been parsed (``DetailsCodec`` has its form): says no where the
/// filter certainly does. A search through ten thousand sessions parses only those that it may show.
struct RawCondition {
    /// Each must occur as it stands.
    private var texts: [[UInt8]] = []
    /// One of these must occur, if there are any.
    private var endings: [[UInt8]] = []
    private let network: IPNetwork?
    /// One of these must be found, if there are any.
    private let searches: [SearchText]

    /// `nil` when the record's text tells nothing about this filter.
    init?(_ filter: SessionFilter, in part: ListCursor.Part) {
        func quoted(_ value: String) -> [UInt8] { Array(JSONObjectWriter.quoted(value).utf8) }
        // An update's line is written by the script, which writes a slash as `\\/`.
        if let organization = filter.organization, !organization.utf8.contains(UInt8(ascii: "/")) {
            self.texts.append(quoted(organization))
        }
        if let method = filter.loginMethod { self.texts.append(quoted(method)) }
        if let country = filter.country { self.texts.append(quoted(country)) }
        if part == .ended {
            // The index of ended sessions is the whole partition's.
            if let user = filter.user { self.texts.append(quoted(user.key)) }
            let kinds = EndKind.allCases.filter { filter.statuses.contains(.ended($0)) }
            if kinds.count < EndKind.allCases.count { self.endings = kinds.map { quoted($0.rawValue) } }
        }
        self.network = filter.network
        // Another case of a letter beyond ASCII is another row of bytes.
        if let search = filter.search, search.isASCII {
            let quoted = JSONObjectWriter.quoted(String(decoding: search.needle, as: UTF8.self))
            let text = String(quoted.dropFirst().dropLast())
            // The same in a line that a script wrote.
            let slashed = text.replacing("/", with: "\\/")
            self.searches = (slashed == text ? [text] : [text, slashed]).map { SearchText($0) }
        } else {
            self.searches = []
        }
        guard
            !self.texts.isEmpty || !self.endings.isEmpty || self.network != nil || !self.searches.isEmpty
        else { return nil }
    }

    /// Whether the filter may match this record.
    func mayMatch(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard self.texts.allSatisfy({ Self.position(of: $0, in: bytes) != nil }) else { return false }
        guard
            self.endings.isEmpty || self.endings.contains(where: { Self.position(of: $0, in: bytes) != nil })
        else { return false }
        if let network {
            guard let text = DetailsCodec.rawText("ip", in: bytes),
                let address = IPAddress(withPort: String(decoding: text, as: UTF8.self)),
                network.contains(address)
            else { return false }
        }
        return self.searches.isEmpty || self.searches.contains { $0.isFound(in: bytes) }
    }

    private static func position(of text: [UInt8], in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let first = text.first, bytes.count >= text.count else { return nil }
        for start in 0...(bytes.count - text.count) where bytes[start] == first {
            if bytes[start..<(start + text.count)].elementsEqual(text) { return start }
        }
        return nil
    }
}
