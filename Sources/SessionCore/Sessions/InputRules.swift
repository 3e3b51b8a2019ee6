/// Input that breaks a rule: which field, and why, in words for the caller.
public struct InputError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The field's name as the caller wrote it.
    public let field: String
    /// A sentence that says what is allowed.
    public let reason: String

    /// Names a field and what is wrong with it.
    public init(field: String, reason: String) {
        self.field = field
        self.reason = reason
    }

    public var description: String { "\(self.field): \(self.reason)" }
}

/// What ids, names and other short texts may contain.
public enum InputRules {
    /// Longest id or name, in bytes of UTF-8.
    public static let maximumNameBytes = 256

    /// Passes on an id or name of 1 to 256 bytes without control characters.
    /// - Throws: ``InputError`` that names `field`.
    public static func name(_ text: String, field: String) throws(InputError) -> String {
        try self.text(text, field: field, bytes: 1...self.maximumNameBytes)
    }

    /// Passes on a text whose UTF-8 length lies in `bytes` and that has no control characters.
    /// - Throws: ``InputError`` that names `field`.
    public static func text(
        _ text: String,
        field: String,
        bytes: ClosedRange<Int>
    ) throws(InputError) -> String {
        guard bytes.contains(text.utf8.count) else {
            throw InputError(
                field: field,
                reason: "must be \(bytes.lowerBound) to \(bytes.upperBound) bytes of UTF-8"
            )
        }
        guard !text.unicodeScalars.contains(where: self.isControl) else {
            throw InputError(field: field, reason: "must not contain control or direction characters")
        }
        return text
    }

    /// Passes on an IP address as RFC 5952 writes it, so that the same one is always the same text. A port behind it
    /// and brackets around it are left out.
    /// - Throws: ``InputError`` that names `field`.
    public static func address(_ text: String, field: String) throws(InputError) -> String {
        guard let address = IPAddress(withPort: text) else {
            throw InputError(field: field, reason: "must be an IP address, with or without a port")
        }
        return address.description
    }

    /// C0, DEL and C1 controls, line and paragraph separators, and the marks that change the direction of what
    /// is shown (they make one id look like another).
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029: true
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
