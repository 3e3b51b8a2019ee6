/// Something that was done with a session, for its timeline.
public struct ActivityEntry: Sendable, Hashable {
    /// What was done.
    public enum Act: Sendable, Hashable {
        /// A request: its method, if that is known, and its path without the query.
        case request(method: String?, path: String)
        /// Anything else, as the application names it.
        case action(String)
    }

    /// Who told of it.
    public enum Source: String, Sendable, CaseIterable {
        /// The application, which may say when it was.
        case application
        /// A proxy, by asking for it.
        case forwardAuth = "forward-auth"
    }

    /// What was done.
    public var act: Act
    /// When; `nil` for when it is recorded.
    public var at: Timestamp?
    /// The status of the answer, 100 to 599.
    public var status: Int?
    /// Who told of it.
    public var source = Source.application

    /// Puts an entry together.
    public init(_ act: Act, at: Timestamp? = nil, status: Int? = nil) {
        self.act = act
        self.at = at
        self.status = status
    }

    /// Longest path, in bytes of UTF-8.
    public static let maximumPathBytes = 512
    /// The most entries that are recorded with one call.
    public static let maximumBatch = 100
    /// How far ahead of Redis's clock an application's may be.
    public static let maximumAhead: Duration = .seconds(60)

    /// - Throws: ``InputError`` that names the first field that breaks a rule.
    public func validate() throws(InputError) {
        switch self.act {
        case .action(let name): _ = try InputRules.name(name, field: "action")
        case .request(let method, let path):
            if let method, !(1...32).contains(method.utf8.count) || !method.utf8.allSatisfy(Self.isToken) {
                throw InputError(field: "method", reason: "must be a method of HTTP, 1 to 32 characters")
            }
            _ = try InputRules.text(path, field: "path", bytes: 1...Self.maximumPathBytes)
            guard path.utf8.first == UInt8(ascii: "/") else {
                throw InputError(field: "path", reason: "must begin with a slash")
            }
        }
        if let status, !(100...599).contains(status) {
            throw InputError(field: "status", reason: "must be 100 to 599")
        }
    }

    /// RFC 9110 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// A path as timelines keep it. Queries and fragments hold reset codes and the like, so they go; so does a
    /// segment of 64 bytes or more, which is a token or a key and nothing that anybody would read.
    public static func path(of target: String) -> String {
        let path = target.prefix { $0 != "?" && $0 != "#" }
        guard path.utf8.count >= Token.length else { return String(path) }
        return path.split(separator: "/", omittingEmptySubsequences: false).map {
            $0.utf8.count < Token.length ? String($0) : "…"
        }.joined(separator: "/")
    }
}
