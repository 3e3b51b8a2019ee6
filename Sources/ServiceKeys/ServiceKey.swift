/// What a service key may do.
public enum ServiceScope: String, Sendable, CaseIterable {
    /// Ask whether tokens are good.
    case check
    /// Create, rotate, change and end sessions.
    case create
    /// Everything an administrator may.
    case admin
}

/// A service key as Portcullis knows it: a name and what it may do. The key itself is not kept.
public struct ServiceKey: Sendable, Equatable {
    /// 1 to 64 letters, digits and hyphens; stands in the key's text and, as the actor, in the audit log.
    public let name: String
    /// What it may do.
    public let scopes: Set<ServiceScope>
    /// The only organization whose sessions it administers; `nil` for a key that is bound to none.
    public let organization: String?

    /// Whether the key may act in a scope. `admin` includes the others, unless the key is bound to an organization:
    /// the others know no organizations.
    public func allows(_ scope: ServiceScope) -> Bool {
        self.scopes.contains(scope) || self.scopes.contains(.admin) && self.organization == nil
    }

    static func isName(_ text: some StringProtocol) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
