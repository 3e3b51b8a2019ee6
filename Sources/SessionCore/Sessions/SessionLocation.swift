/// Where a session's client is, as the application tells it when it creates the session. Portcullis has no database of
/// addresses: whoever knows more, says more.
public struct SessionLocation: Sendable, Hashable {
    /// Two capital letters, by ISO 3166-1 alpha-2. Only the form is examined: which codes there are changes.
    public var country: String?
    /// A part of the country, 1 to 256 bytes.
    public var region: String?
    /// 1 to 256 bytes.
    public var city: String?
    /// Whose network the address belongs to, 1 to 256 bytes.
    public var isp: String?

    /// Nothing known.
    public init() {}

    /// Whether nothing is known.
    public var isEmpty: Bool { self == SessionLocation() }

    /// - Throws: ``InputError`` that names the first field that breaks a rule, as in `location.city`.
    public func validate() throws(InputError) {
        if let country { _ = try Self.country(country, field: "location.country") }
        for (text, field) in [
            (self.region, "location.region"), (self.city, "location.city"), (self.isp, "location.isp"),
        ] {
            if let text { _ = try InputRules.name(text, field: field) }
        }
    }

    /// Passes on a country's code.
    /// - Throws: ``InputError`` that names `field`.
    public static func country(_ code: String, field: String) throws(InputError) -> String {
        guard code.utf8.count == 2,
            code.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
        else {
            throw InputError(field: field, reason: "must be two capital letters, by ISO 3166-1 alpha-2")
        }
        return code
    }
}
