/// Limits of single users and of the users of an organization, in place of everybody's. What a user's own limit leaves
/// open is the organization's, and what that leaves open everybody's.
///
/// An organization's limit is how many sessions each of its users may have, counted over all of a user's sessions.
public struct LimitOverrides: Sendable, Equatable {
    /// Whom a limit is for; the names are those of the API.
    public enum Scope: String, Sendable, CaseIterable {
        case users, organizations
    }

    /// What of the limit is different.
    public struct Limit: Sendable, Equatable {
        /// The most sessions, 0 (exempt) to 1,000; `nil` leaves it as it is.
        public fileprivate(set) var maximumSessions: Int?
        /// What happens to a login at the limit; `nil` leaves it as it is.
        public fileprivate(set) var behavior: SessionPolicy.LimitBehaviour?

        /// The value of a setting, if it is set.
        public func value(of setting: PolicySetting) -> PolicySetting.Value? {
            switch setting {
            case .maxSessions: self.maximumSessions.map { .integer($0) }
            case .limitBehaviour: self.behavior.map { .text($0.rawValue) }
            default: nil
            }
        }
    }

    /// The settings that a limit may have.
    public static let settings: [PolicySetting] = [.maxSessions, .limitBehaviour]
    /// The most entries for users, and for organizations.
    public static let maximumEntries = 1000

    private var limits: [Scope: [Name: Limit]] = [:]

    /// Everybody is alike.
    public init() {}

    /// Whether everybody is alike.
    public var isEmpty: Bool { self.limits.isEmpty }

    /// All entries, by the bytes of their names.
    public func entries(_ scope: Scope) -> [(name: String, limit: Limit)] {
        (self.limits[scope] ?? [:]).map { (name: $0.key.text, limit: $0.value) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Sets one value of one limit.
    /// - Parameter name: a user id or an organization.
    /// - Throws: ``InputError`` that names the place, the value and what is allowed.
    public mutating func set(
        _ setting: PolicySetting,
        _ value: PolicySetting.Value,
        for name: String,
        in scope: Scope
    ) throws(InputError) {
        let place = try Self.place(of: name, in: scope)
        guard Self.settings.contains(setting) else {
            throw InputError(field: place, reason: "\(setting.rawValue) is no limit; \(Self.allowedSettings)")
        }
        var probe = SessionPolicy()
        do throws(InputError) {
            try setting.set(value, in: &probe)
        } catch {
            throw InputError(field: "\(place).\(setting.rawValue)", reason: error.reason)
        }
        let key = Name(text: name)
        guard self.limits[scope]?[key] != nil || (self.limits[scope] ?? [:]).count < Self.maximumEntries
        else {
            throw InputError(
                field: "limits.\(scope.rawValue)",
                reason: "must have at most \(Self.maximumEntries) entries"
            )
        }
        var limit = self.limits[scope]?[key] ?? Limit()
        if setting == .maxSessions {
            limit.maximumSessions = probe.maximumSessions
        } else {
            limit.behavior = probe.limitBehaviour
        }
        self.limits[scope, default: [:]][key] = limit
    }

    /// A policy with the limit that counts for a login.
    public func applied(to policy: SessionPolicy, user: UserID, organization: String?) -> SessionPolicy {
        guard !self.isEmpty else { return policy }
        var result = policy
        let own = self.limits[.users]?[Name(text: user.text)]
        let common = organization.flatMap { self.limits[.organizations]?[Name(text: $0)] }
        for limit in [common, own] {
            if let most = limit?.maximumSessions { result.maximumSessions = most }
            if let behavior = limit?.behavior { result.limitBehaviour = behavior }
        }
        return result
    }

    /// How messages call an entry: the name of a limit, unless it is so long that it may be anything.
    /// - Throws: ``InputError`` when it can be no name.
    public static func place(of name: String, in scope: Scope) throws(InputError) -> String {
        let group = "limits.\(scope.rawValue)"
        do throws(InputError) {
            _ = try InputRules.name(name, field: group)
        } catch {
            throw InputError(field: group, reason: "a name \(error.reason)")
        }
        return "\(group).\(name.utf8.count <= 32 ? name : "(a name of \(name.utf8.count) bytes)")"
    }

    /// What a limit may have, in words.
    public static var allowedSettings: String {
        "there are " + self.settings.map(\.rawValue).joined(separator: " and ")
    }

    /// Compared as bytes: canonically equal strings of different bytes are different users.
    private struct Name: Hashable {
        let text: String

        static func == (lhs: Name, rhs: Name) -> Bool { lhs.text.utf8.elementsEqual(rhs.text.utf8) }

        func hash(into hasher: inout Hasher) {
            for byte in self.text.utf8 { hasher.combine(byte) }
        }
    }
}
