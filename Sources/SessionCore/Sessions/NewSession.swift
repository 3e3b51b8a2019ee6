/// What is asked for when a session is created.
public struct NewSession: Sendable, Equatable {
    /// Whose session it is.
    public var user: UserID
    /// The organization, 1 to 256 bytes.
    public var organization: String?
    /// At most 32 roles of 1 to 64 bytes.
    public var roles: [String] = []
    /// At most 8 factors of 1 to 64 bytes.
    public var factors: [String] = []
    /// What people will look at.
    public var details = SessionDetails()
    /// Longer timeouts, from ``SessionPolicy``.
    public var remember = false
    /// Timeouts of a kind of surroundings, instead of the policy's.
    public var preset: SessionPreset?
    /// A JSON document kept with the session, at most 8 KiB.
    public var data: String?

    /// A session of a user.
    public init(user: UserID) { self.user = user }

    /// Largest user agent kept, in bytes; a longer one is cut.
    public static let maximumUserAgentBytes = 512
    /// Largest session document, in bytes.
    public static let maximumDataBytes = 8192

    /// - Throws: ``InputError`` that names the first field that breaks a rule.
    public func validate() throws(InputError) {
        if let organization { _ = try InputRules.name(organization, field: "organization") }
        try Self.validate(list: self.roles, field: "roles", most: 32)
        try Self.validate(list: self.factors, field: "factors", most: 8)
        try self.details.validate()
        if let data, data.utf8.count > Self.maximumDataBytes {
            throw InputError(field: "data", reason: "must be at most \(Self.maximumDataBytes) bytes")
        }
    }

    /// The same as it is kept: its address as RFC 5952 writes it, without a port.
    /// - Throws: ``InputError`` as ``validate()`` does.
    public func normalized() throws(InputError) -> NewSession {
        try self.validate()
        var new = self
        if let address = self.details.ipAddress {
            new.details.ipAddress = try InputRules.address(address, field: "ip")
        }
        return new
    }

    private static func validate(list: [String], field: String, most: Int) throws(InputError) {
        guard list.count <= most else {
            throw InputError(field: field, reason: "must have at most \(most) entries")
        }
        for entry in list {
            _ = try InputRules.text(entry, field: field, bytes: 1...64)
            // Lists travel in one header; a comma would make two roles of one.
            guard !entry.utf8.contains(UInt8(ascii: ",")) else {
                throw InputError(field: field, reason: "must not contain commas")
            }
        }
    }
}

extension SessionDetails {
    /// - Throws: ``InputError`` that names the first field that breaks a rule.
    public func validate() throws(InputError) {
        for (text, field) in [
            (self.displayName, "displayName"), (self.email, "email"), (self.sessionName, "sessionName"),
            (self.loginMethod, "loginMethod"),
        ] {
            if let text { _ = try InputRules.name(text, field: field) }
        }
        if let ipAddress { _ = try InputRules.address(ipAddress, field: "ip") }
        try self.location?.validate()
    }

    /// A `User-Agent` as it is kept: cut to 512 bytes at a character's edge, whatever it contains. It is a
    /// stranger's text, so it is made harmless where it is shown, not here.
    public static func trimmed(userAgent: String) -> String {
        guard userAgent.utf8.count > NewSession.maximumUserAgentBytes else { return userAgent }
        var bytes = 0
        var scalars = String.UnicodeScalarView()
        for scalar in userAgent.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > NewSession.maximumUserAgentBytes { break }
            scalars.append(scalar)
        }
        return String(scalars)
    }
}
